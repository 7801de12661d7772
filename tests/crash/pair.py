"""Two PostgreSQL servers: a primary, and a standby that has applied every commit before it is acknowledged."""

import os
import select
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psycopg

from ..postgres import SUPERUSER, UNPRIVILEGED, programs

OPTIONS = "-c listen_addresses='' -c fsync=off -c max_connections=40 -c synchronous_commit=remote_apply"


class Server:
    """One server with its socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        folder.mkdir()
        folder.parent.chmod(0o755)
        if os.getuid() == 0:
            shutil.chown(folder, SUPERUSER, SUPERUSER)

    def make(self) -> None:
        self.run("initdb", "--no-sync", "--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8")

    def copy_of(self, primary: "Server") -> None:
        source = (f"--host={primary.folder}", f"--username={SUPERUSER}")
        self.run("pg_basebackup", *source, "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast")

    def start(self) -> None:
        options = f"--options={OPTIONS} -k {self.folder}"
        self.run("pg_ctl", "start", "--wait", "--timeout=300", f"--log={self.folder}/log", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def kill(self) -> None:
        """Kill every process of it and wait until the last is gone: one that is left alone may answer once more."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        others = [pid for (pid,) in self.execute("select pid from pg_stat_activity where pid <> pg_backend_pid()")]
        for pid in (first, *others):
            with suppress(ProcessLookupError):
                end = os.pidfd_open(pid)
                signal.pidfd_send_signal(end, signal.SIGKILL)
                select.select([end], [], [])
                os.close(end)

    def promote(self) -> None:
        self.run("pg_ctl", "promote", "--wait", "--timeout=300")

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    def run(self, program: str, *options: str) -> None:
        as_user = UNPRIVILEGED if os.getuid() == 0 else []
        command = [*as_user, str(programs() / program), f"--pgdata={self.data}", *options]
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"


class Pair:
    """A primary whose standby is in step; the application knows both by one address."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.standby = Server(folder / "a"), Server(folder / "b")
        self.primary.make()
        self.primary.start()
        self.primary.execute("create database clinic")
        self.standby.copy_of(self.primary)
        self.standby.start()
        self.primary.execute("alter system set synchronous_standby_names = '*'")  # after the copy: it waits for nobody
        self.primary.execute("select pg_reload_conf()")
        while self.primary.execute("select sync_state from pg_stat_replication") != [("sync",)]:
            pass

    @property
    def address(self) -> str:
        hosts = f"host={self.primary.folder}&host={self.standby.folder}"
        return f"postgresql+psycopg://{SUPERUSER}@/clinic?{hosts}&target_session_attrs=read-write"
