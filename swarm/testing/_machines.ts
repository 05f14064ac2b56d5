/**
 * The nodes of a lab as machines that are reached by ssh: a real sshd in each, with keys of the test's own, and Debian's own
 * way to start and install the engine.
 * @module
 */
import { holderOf, stopEngine } from "../lab/engines.ts";
import { inside, run } from "../lab/host.ts";
import type { LabNode, LabPlan } from "../lab/layout.ts";

/** The server, of Debian's openssh-server. */
export const SSHD = "/usr/sbin/sshd";

/** Machines with a sshd, and a client's configuration for each key. */
export class Machines {
  /** @param folder For keys and configurations. */
  constructor(readonly lab: LabPlan, readonly folder: string) {}

  /** Makes the keys: one that the machines take, one that they do not. */
  async makeKeys(): Promise<void> {
    for (const name of ["good", "bad"]) {
      await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${this.folder}/${name}`);
      await Deno.writeTextFile(
        this.config(name),
        `IdentityFile ${this.folder}/${name}\nIdentitiesOnly yes\nIdentityAgent none\n` +
          `UserKnownHostsFile ${this.knownHosts}\nGlobalKnownHostsFile /dev/null\nHashKnownHosts no\n`,
      );
    }
  }

  /** The configuration of ssh with a key. */
  config(key: string): string {
    return `${this.folder}/config-${key}`;
  }

  /** The hosts that the client knows. */
  get knownHosts(): string {
    return `${this.folder}/known_hosts`;
  }

  /** Runs in the namespaces of a node, as root. */
  async on(node: LabNode, script: string, ...words: string[]): Promise<string> {
    const holder = await holderOf(this.lab, node.name);
    return await run(...inside(holder, "sh", "-euc", script, "sh", ...words));
  }

  /**
   * Makes a node a machine as its owner has it: its lab engine gone, Debian's own way to start one, a sshd, the user `ada`
   * with sudo and the user `eve` without.
   */
  async prepare(node: LabNode): Promise<void> {
    await this.on(node, "docker -H unix://$1 swarm leave --force", node.socket);
    await stopEngine(this.lab, node, "TERM");
    const key = await Deno.readTextFile(`${this.folder}/good.pub`);
    await this.on(node, MACHINE, node.folder, node.cgroup, key, SSHD);
  }

  /** Removes the engine's packages from a node, which then finds them where its apt looks. Other nodes keep them. */
  async uninstall(node: LabNode): Promise<void> {
    await this.on(node, UNINSTALL, node.folder);
  }
}

const MACHINE = `folder=$1 cgroup=$2 key=$3 sshd=$4
rm -rf "$folder/data"
cat >/etc/default/docker <<EOF
DOCKER_LOGFILE=$folder/docker.log
DOCKER_OPTS="--data-root $folder/data --cgroup-parent /$cgroup --exec-opt native.cgroupdriver=cgroupfs"
EOF
# Debian's script ends where this machine does not let it raise its limits.
sed -i '/^[[:space:]]*ulimit /s/$/ || true/' /etc/init.d/docker
# It leaves control groups alone where this file speaks of them.
echo '# own' >/etc/fstab
echo 'cgroup /none cgroup noauto 0 0' >>/etc/fstab
mkdir -p /run/sshd /run/homes
for user in ada eve; do
  useradd --create-home --home-dir "/run/homes/$user" --shell /bin/sh "$user"
  usermod --password '*' "$user"
done
echo 'ada ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ada
printf '%s' "$key" >/run/keys
ssh-keygen -q -t ed25519 -N '' -f /run/host_key
cat >/run/sshd_config <<EOF
HostKey /run/host_key
AuthorizedKeysFile /run/keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
PidFile /run/sshd.pid
EOF
exec "$sshd" -f /run/sshd_config -E "$folder/sshd.log"`;

const UNINSTALL = `folder=$1
packages='docker.io containerd runc'
mkdir "$folder/repository" "$folder/layers"
# What is installed becomes packages again, so that no registry is needed.
for package in $packages; do
  tree=$folder/layers/$package
  mkdir -p "$tree/DEBIAN"
  dpkg -L "$package" | while read -r path; do
    if [ ! -d "$path" ]; then cp -a --parents "$path" "$tree"; fi
  done
  dpkg-query -s "$package" | sed '/^Status:/d; /^Conffiles:/,/^[A-Z]/{/^Conffiles:/d; /^ /d}' >"$tree/DEBIAN/control"
  for script in preinst postinst prerm postrm; do
    if [ -f "/var/lib/dpkg/info/$package.$script" ]; then
      cp -a "/var/lib/dpkg/info/$package.$script" "$tree/DEBIAN/$script"
    fi
  done
  deb=$folder/repository/$package.deb
  dpkg-deb -Znone --root-owner-group --build "$tree" "$deb" >/dev/null
  rm -r "$tree"
  { dpkg-deb -f "$deb"
    echo "Filename: ./$package.deb"
    echo "Size: $(stat -c %s "$deb")"
    echo "SHA256: $(sha256sum "$deb" | cut -d ' ' -f 1)"
    echo
  } >>"$folder/repository/Packages"
done
for path in /usr /var/lib/dpkg /var/lib/apt /var/cache/apt /var/lib/systemd; do
  layer=$folder/layers/$(echo "$path" | tr / _)
  mkdir -p "$layer/upper" "$layer/work"
  mount -n -t overlay overlay -o "lowerdir=$path,upperdir=$layer/upper,workdir=$layer/work" "$path"
done
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
# The user that apt reads as may not enter a lab's folder.
echo 'APT::Sandbox::User "root";' >/etc/apt/apt.conf.d/99lab
echo "deb [trusted=yes] file:$folder/repository ./" >/etc/apt/sources.list
dpkg --force-depends --remove $packages >/dev/null 2>&1
! command -v dockerd`;
