module roamfault

go 1.26
