"""Docker's default profile without Docker: crun or runc, Docker's capabilities, the published default seccomp profile.

The profile comes from Debian's package golang-github-containers-common (Apache-2.0, derived from Docker's by the
containers project); it is read where the package puts it and not copied here. It allows namespaces and mounts that
Docker's own keeps for CAP_SYS_ADMIN: those are refused here as Docker does.
"""

from __future__ import annotations

import json
import platform
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.engine.tools.code_interpreter.jail.request import LINK
from app.settings import ROOT

PROFILE = Path("/usr/share/containers/seccomp.json")
_CAPABILITIES = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
    "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
]  # fmt: skip
MOUNTS: list[dict[str, Any]] = [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "nodev", "mode=1777"]},  # noqa: S108
]
"""What every container has."""
_MASKED = ["/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/sched_debug", "/sys/firmware"]
_READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
_ARCHITECTURES = {"x86_64": ("amd64", "SCMP_ARCH_X86_64"), "aarch64": ("arm64", "SCMP_ARCH_AARCH64")}
_BOUND = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc")
_ADMINISTRATORS = {
    "bpf", "clone3", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount",
    "mount_setattr", "move_mount", "open_tree", "perf_event_open", "pivot_root", "quotactl", "setdomainname",
    "sethostname", "setns", "syslog", "umount", "umount2", "unshare",
}  # fmt: skip
# Docker allows clone without any of the namespace flags.
_PLAIN_CLONE = {
    "names": ["clone"],
    "action": "SCMP_ACT_ALLOW",
    "args": [{"index": 0, "value": 0x7E020000, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}],
}
_REFUSED = {"names": sorted(_ADMINISTRATORS - {"clone3"}), "action": "SCMP_ACT_ERRNO", "errnoRet": 1}
# crun refuses machines that have both versions of control groups; which this test does not need.
HIDE_CGROUPS = ["unshare", "-m", "sh", "-c", 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"', "sh"]


def find_runtime() -> str | None:
    """Return the container runtime that is installed."""
    return shutil.which("crun") or shutil.which("runc")


def run(
    command: list[str], *, user: int, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command of the project in a container and return what came of it."""
    runtime = find_runtime()
    assert runtime is not None
    bundle = folder / "bundle"
    _make_root(bundle / "rootfs", prefix := Path(sys.base_prefix).resolve())
    settings = _settings(command, user, environment, prefix)
    (bundle / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    options = ["--cgroup-manager=disabled"] if runtime.endswith("crun") else []
    name = f"playground-{secrets.token_hex(4)}"
    start = [runtime, "--root", str(folder / "state"), *options, "run", "--bundle", str(bundle), name]
    return subprocess.run([*HIDE_CGROUPS, *start], capture_output=True, text=True, check=False, timeout=100)  # noqa: S603 - our own command.


def _make_root(root: Path, prefix: Path) -> None:
    for path in (*_BOUND, ROOT, prefix, "/proc", "/dev", "/tmp", "/var/tmp", "/mnt"):  # noqa: S108 - the container's.
        source, target = Path(path), root / str(path).lstrip("/")
        if source.is_symlink():
            target.symlink_to(source.readlink())
        elif source.is_dir():
            target.mkdir(parents=True, exist_ok=True)
    (root / "mnt" / "data").symlink_to(LINK)


def _settings(command: list[str], user: int, environment: dict[str, str], prefix: Path) -> dict[str, Any]:
    bound = [path for path in (*map(Path, _BOUND), ROOT, prefix) if path.is_dir() and not path.is_symlink()]
    held = _CAPABILITIES if user == 0 else []
    return {
        "ociVersion": "1.0.2",
        "root": {"path": "rootfs"},
        "hostname": "container",
        "process": {
            "args": command,
            "cwd": str(ROOT),
            "env": ["PATH=/usr/bin:/bin", *(f"{name}={value}" for name, value in environment.items())],
            "user": {"uid": user, "gid": user},
            "capabilities": {"bounding": _CAPABILITIES, "effective": held, "permitted": held},
        },
        "mounts": [
            *MOUNTS,
            *(
                {"destination": path, "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]}
                for path in ("/tmp", "/var/tmp")  # noqa: S108
            ),
            *({"destination": str(path), "source": str(path), "options": ["rbind", "ro"]} for path in bound),
        ],
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts", "network")],
            **confinement(),
        },
    }


def confinement() -> dict[str, Any]:
    """Return what Docker hides and refuses by default, in the words of the runtime."""
    profile = json.loads(PROFILE.read_text(encoding="utf-8"))
    return {"maskedPaths": _MASKED, "readonlyPaths": _READ_ONLY, "seccomp": _filter(profile)}


def _filter(profile: dict[str, Any]) -> dict[str, Any]:
    """Translate the profile as Docker does: rules for other processors and missing capabilities are left out."""
    short, full = _ARCHITECTURES[platform.machine()]
    families = [entry for entry in profile["archMap"] if entry["architecture"] == full]
    names = [name for entry in families for name in (entry["architecture"], *entry["subArchitectures"])]
    rules = [_without_administration(rule) for rule in profile["syscalls"] if _applies(rule, short)]
    return {
        "defaultAction": profile["defaultAction"],
        "defaultErrnoRet": profile.get("defaultErrnoRet", 1),
        "architectures": names,
        "syscalls": [*(rule for rule in rules if rule["names"]), _PLAIN_CLONE, _REFUSED],
    }


def _without_administration(rule: dict[str, Any]) -> dict[str, Any]:
    kept = {key: rule[key] for key in ("action", "errnoRet", "args") if rule.get(key) is not None}
    return {**kept, "names": [name for name in rule["names"] if name not in _ADMINISTRATORS | {"clone"}]}


def _applies(rule: dict[str, Any], architecture: str) -> bool:
    wanted, unwanted = rule.get("includes", {}), rule.get("excludes", {})
    has_capabilities = set(wanted.get("caps", [])) <= set(_CAPABILITIES)
    is_excluded = set(unwanted.get("caps", [])) & set(_CAPABILITIES) or architecture in unwanted.get("arches", [])
    return has_capabilities and architecture in wanted.get("arches", [architecture]) and not is_excluded
