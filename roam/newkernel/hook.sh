#!/bin/sh
# Made by roamfault runs baseline watch on, and removed by roamfault runs baseline
# watch off. Notes that a kernel was installed, so that its first boot is held
# against the Wi-Fi baseline. Whatever happens here, the installation goes on.
marks=@MARKS@
command=@COMMAND@
version=@VERSION@

note() {
	# The version becomes a file's name: nothing but what kernels are called.
	case $version in
	'' | [!A-Za-z0-9]* | *[!A-Za-z0-9._+~-]*) return ;;
	esac
	[ "${#version}" -le 64 ] && [ -d "$marks" ] || return
	case $command in
	add)
		# Debian calls both kinds of hooks where systemd-boot is the boot loader.
		[ -e "$marks/$version" ] && return
		touch "$marks/$version" &&
			echo "roamfault: the first boot of $version will be held against the Wi-Fi baseline"
		;;
	remove)
		rm -f "$marks/$version"
		;;
	esac
}

# Nobody may be left to read, and debconf may have the standard output.
trap '' PIPE
LC_ALL=C
export LC_ALL
note </dev/null >&2
exit 0
