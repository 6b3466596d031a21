"""Builds programs of this workspace and measures them as whole processes: start to end, nothing left out."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_SECONDS = 0.001


class CannotMeasure(Exception):
    """Something is missing, or the measured program failed."""


@dataclass(frozen=True)
class Took:
    """What one run took."""

    seconds: float
    # Seconds of processor time in the program itself, over all threads; without the system's.
    user_seconds: float


@dataclass(frozen=True)
class Peak:
    """The most memory a process had, in bytes; None where the system does not tell."""

    # Resident, with the pages of files: of the program itself, and of inputs where it maps them.
    resident: int | None
    # Resident and of no file: what the process itself asked for.
    anonymous: int | None


def build(package: str, program: str) -> Path:
    """The optimised program, built."""
    cargo = ["cargo", "build", "--release", "--quiet", "--locked", "--manifest-path", str(ROOT / "Cargo.toml")]
    subprocess.run([*cargo, "-p", package, "--bin", program], check=True)
    return target() / "release" / program


def target() -> Path:
    return Path(metadata("--no-deps")["target_directory"])


def metadata(*options: str) -> dict:
    """What cargo knows of the workspace."""
    command = ["cargo", "metadata", "--format-version", "1", "--manifest-path", str(ROOT / "Cargo.toml"), *options]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def warm(file: Path) -> int:
    """Reads the file once, so that it is in the page cache; its size in bytes."""
    with open(file, "rb") as content:
        while content.read(1 << 20):
            pass
    return file.stat().st_size


def median_of(runs: int, command: list[str]) -> Took:
    """The medians of some runs, one after another."""
    return median([run(command) for _ in range(runs)])


def median(took: list[Took]) -> Took:
    return Took(
        statistics.median(one.seconds for one in took), statistics.median(one.user_seconds for one in took)
    )


def run(command: list[str]) -> Took:
    started = time.perf_counter()
    process, complaints = start(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    check(command, process, status, complaints)
    return Took(seconds, usage.ru_utime)


def peak(runs: int, command: list[str]) -> Peak:
    """The highest peaks of some runs. Slows them down a little, so nothing else is measured."""
    if not Path("/proc/self/status").exists():
        return Peak(None, None)
    resident, anonymous = 0, 0
    for _ in range(runs):
        process, complaints = start(command)
        while True:
            pid, status, _ = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            memory = read_memory(process.pid)
            resident = max(resident, memory.get("VmHWM", 0))
            anonymous = max(anonymous, memory.get("RssAnon", 0))
            time.sleep(SAMPLE_SECONDS)
        check(command, process, status, complaints)
    return Peak(resident, anonymous)


def read_memory(pid: int) -> dict[str, int]:
    """Bytes by name, of the lines of /proc that have kB; empty while the process ends."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    fields = (line.split() for line in lines if line.endswith(" kB"))
    return {name.rstrip(":"): int(kilobytes) * 1024 for name, kilobytes, _ in fields}


def start(command: list[str]) -> tuple[subprocess.Popen, tempfile.TemporaryFile]:
    complaints = tempfile.TemporaryFile()
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints), complaints


def check(command: list[str], process: subprocess.Popen, status: int, complaints) -> None:
    process.returncode = os.waitstatus_to_exitcode(status)
    with complaints:
        if process.returncode != 0:
            complaints.seek(0)
            said = complaints.read().decode(errors="replace")
            raise CannotMeasure(f"{' '.join(command)}: exit code {process.returncode}\n{said}")


def conditions() -> str:
    """One line on what the figures were measured with, for below a table."""
    rustc = subprocess.run(["rustc", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    load = f", load average {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} processors, {processor()}, {rustc}{load}."


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return sys.platform
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), sys.platform)
