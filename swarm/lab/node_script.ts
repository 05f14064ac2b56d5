/**
 * Runs as the first process of a node, as root inside its own namespaces. Everything that an engine writes
 * outside of its own folders is covered by private copies, so that ending this process leaves nothing
 * behind but the node's folder: mounts, devices and processes go with the namespaces.
 *
 * Arguments: the mark, the folder of the lab, the name of the node.
 */
export const NODE_SCRIPT = `set -eu
directory=$2
name=$3
folder=$directory/$name
hostname "$name"
mount -n -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock
mount -n -t tmpfs -o mode=1777 tmpfs /tmp
if [ -d /opt ]; then mount -n -t tmpfs -o mode=755 tmpfs /opt; fi
cp -a /etc "$folder/etc"
mount -n --bind "$folder/etc" /etc
# A lab has no way to the world: names must fail at once, since an engine looks for a registry before each task.
rm -f /etc/resolv.conf
echo "nameserver 127.0.0.1" > /etc/resolv.conf
# Engines raise limits of the whole kernel; here they must not.
mount -n --bind /proc/sys/kernel /proc/sys/kernel
mount -n -o remount,ro,bind /proc/sys/kernel
ip link set lo up
: > "$folder/ready"
# The shell waits for all that lose their parents, so that no zombie stays.
while :; do sleep 86400 & wait; done
`;
