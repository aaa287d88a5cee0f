#!/bin/sh
# The init of the guest's memory: hands over to that of the disk. What belongs to
# the tests, and not to a machine as it may be, is left in /run.
export PATH=/usr/sbin:/usr/bin
set -e
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in virtio_blk crc32c_generic ext4 ctr ccm gcm cmac ghash_generic aes_generic; do
	modprobe -q $module || true # it is built in, or not of this kernel
done
modprobe mac80211_hwsim radios=0
modprobe ramoops mem_address=0x10000000 mem_size=0x100000 record_size=0x20000 max_reason=2
root=/sysroot
mkdir $root
mount -t ext4 /dev/vda $root
if test -d /disk; then
	cp -a /disk/. $root
	mount --bind /proc $root/proc
	busybox chroot $root systemd-sysusers
	busybox chroot $root systemctl -q enable systemd-pstore.service
	# They want D-Bus, or take long for what nobody asks for here.
	busybox chroot $root systemctl -q mask systemd-logind.service ldconfig.service systemd-journal-catalog-update.service getty-static.service
	umount $root/proc
fi
mount -t tmpfs -o mode=755 run $root/run
cp /init $root/run/attend
cp -a /units/. $root/run/systemd/
umount /proc /sys
exec busybox switch_root $root /usr/lib/systemd/systemd
