"""Ray: where the recordings are analysed. The only file that knows it."""

from __future__ import annotations

import importlib
import logging
import os
import socket
from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import BatchError, UsageError
from .outcome import Outcome, Shared, Work
from .task import analyse

_TASKS_A_WORKER = 20
"""A worker process is replaced after so many recordings, so that nothing it gathers can grow for ever."""
_OBJECT_STORE_BYTES = 80_000_000
"""Next to nothing goes through it: recordings and tables never do."""
_CONNECT_S = 10.0
_MB = 1_000_000


class Cluster(Protocol):
    """Where attempts run."""

    def slots(self) -> int:
        """Attempts that can run at once, now."""

    def submit(self, work: Work) -> object:
        """Queues an attempt; returns what stands for it in `wait`."""

    def wait(self, timeout_s: float) -> list[tuple[object, Outcome]]:
        """Attempts that have ended, after at most `timeout_s`; each is told once."""

    def close(self) -> None:
        """Gives up what still runs."""


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """`address` of a running cluster, or `None` for one of our own on this machine."""

    address: str | None
    num_cpus: int | None
    threads: int
    memory_mb: int


@dataclass(slots=True)
class RayCluster:
    """A Ray cluster that is joined, or started and stopped again."""

    options: ClusterOptions
    _ray: Any
    _function: Any
    _shared: Any
    _running: dict[Any, Work] = field(default_factory=dict)

    @classmethod
    def start(cls, options: ClusterOptions, shared: Shared) -> RayCluster:
        """Joins or starts the cluster.

        Raises:
            BatchError: Ray is not installed; the cluster cannot be joined.
            UsageError: A task asks for more than this machine has.
        """
        ray = import_ray()
        _init(ray, options)
        # Crashes and errors are counted and tried again by the driver, in one place.
        function = ray.remote(
            num_cpus=options.threads, memory=options.memory_mb * _MB, max_retries=0, max_calls=_TASKS_A_WORKER
        )(analyse)
        cluster = cls(options, ray, function, ray.put(shared))
        if options.address is None and cluster.slots() == 0:
            cluster.close()
            raise UsageError(
                f"a task asks for {options.threads} CPUs and {options.memory_mb} MB, which is more than this machine "
                "gives: use less --threads or --memory-per-task, or more --num-cpus"
            )
        return cluster

    def slots(self) -> int:
        """See `Cluster`."""
        count = sum(self._slots_of(node["Resources"]) for node in self._ray.nodes() if node["Alive"])
        if self.options.num_cpus is not None:
            count = min(count, self.options.num_cpus // self.options.threads)
        return count

    def _slots_of(self, resources: dict[str, float]) -> int:
        by_cpu = resources.get("CPU", 0) // self.options.threads
        return int(min(by_cpu, resources.get("memory", 0) // (self.options.memory_mb * _MB)))

    def submit(self, work: Work) -> object:
        """See `Cluster`."""
        reference = self._function.remote(self._shared, work)
        self._running[reference] = work
        return reference

    def wait(self, timeout_s: float) -> list[tuple[object, Outcome]]:
        """See `Cluster`."""
        references = list(self._running)
        ready, _ = self._ray.wait(references, num_returns=1, timeout=timeout_s)
        if ready:
            ready, _ = self._ray.wait(references, num_returns=len(references), timeout=0)
        return [(reference, self._outcome(reference)) for reference in ready]

    def _outcome(self, reference: Any) -> Outcome:
        del self._running[reference]
        errors = self._ray.exceptions
        try:
            outcome = self._ray.get(reference)
        except errors.OutOfMemoryError:
            limit = self.options.memory_mb
            return Outcome("again", reason=f"its node ran out of memory (--memory-per-task was {limit} MB)")
        except (errors.WorkerCrashedError, errors.NodeDiedError, errors.LocalRayletDiedError, errors.ObjectLostError):
            return Outcome("again", reason="its worker or node died while it was analysed")
        except errors.RayError as error:
            # The task itself raises nothing: the worker could not even load it.
            return Outcome(
                "machine", reason=f"a worker cannot run onset.batch (is onset installed on every node?): {error}"
            )
        if not isinstance(outcome, Outcome):
            return Outcome("machine", reason="a worker has another onset.batch: install the same onset on every node")
        return outcome

    def close(self) -> None:
        """See `Cluster`."""
        for reference in self._running:
            self._ray.cancel(reference, force=True)
        self._running.clear()
        self._ray.shutdown()


def import_ray() -> Any:
    """Ray, quiet and without usage statistics.

    Raises:
        BatchError: It is not installed.
    """
    # Before it is imported: it reads them then.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        return importlib.import_module("ray")
    except ImportError:
        raise BatchError(
            "python -m onset.batch needs Ray: pip install onset[ray]; on one machine `onset analyze --jobs N` does "
            "the same without it"
        ) from None


def _init(ray: Any, options: ClusterOptions) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if options.address is not None:
        _require_listener(options.address)
    try:
        if options.address is not None:
            ray.init(address=options.address, **quiet)
        else:
            ray.init(
                address="local",
                num_cpus=options.num_cpus,
                include_dashboard=False,
                object_store_memory=_OBJECT_STORE_BYTES,
                _node_ip_address="127.0.0.1",
                **quiet,
            )
    except Exception as error:  # Ray raises many kinds
        if options.address is None:
            raise BatchError(f"Ray cannot start a cluster on this machine: {error}") from None
        raise _cannot_join(options.address, error) from None


def _require_listener(address: str) -> None:
    """Says at once that nobody listens at `HOST:PORT`: Ray itself tries for minutes.

    Raises:
        BatchError: Nobody does.
    """
    host, _, port = address.rpartition(":")
    if not port.isdigit() or "/" in host:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_S).close()
    except OSError as error:
        raise _cannot_join(address, error) from None


def _cannot_join(address: str, error: Exception) -> BatchError:
    return BatchError(
        f"cannot join the Ray cluster at {address}: {error}; start one with `ray start --head`, and give this machine "
        "its token (docs/batch.md)"
    )
