"""What a run comes to."""

from dataclasses import dataclass, field

from faults.growth import MEMORY_BOUND_MB, SOCKETS_BOUND

SHOWN_PROBLEMS = 30


@dataclass(kw_only=True)
class Report:
    """The last line of a run. ``ok`` is for nothing wrong at all.

    Attributes:
        seed: with it the same faults come again.
        faults: how many were brought about.
        faults_hit: of how many a request came along to be hit.
        tried_again: how many more tries that took, where an operation needed no request.
        operations_done: how many operations were done all the same; the others were refused in an
            orderly way.
        clips_visible: in the library.
        pictures_visible: beside them.
        clips_broken: of both, not whole or not what was asked for.
        part_files: half-written files that stayed.
        orphans: processes that outlived their Home Assistant.
        stuck_jobs: that did not end when nothing was wrong any more.
        tasks_grown: more tasks than before.
        sockets_grown: more sockets than before.
        memory_grown_mb: more memory than before.
        unforeseen_errors: tracebacks through the integration in the log.
        restarted: how often a recorder had no place left for a search, and was restarted for that.
        disk_filled: whether the disk could be filled at all.
        problems: all that was wrong, in words.
    """

    seed: int
    faults: int = 0
    faults_hit: int = 0
    tried_again: int = 0
    operations_done: int = 0
    clips_visible: int = 0
    pictures_visible: int = 0
    clips_broken: int = 0
    part_files: int = 0
    orphans: int = 0
    stuck_jobs: int = 0
    tasks_grown: int = 0
    sockets_grown: int = 0
    memory_grown_mb: float = 0.0
    unforeseen_errors: int = 0
    restarted: int = 0
    disk_filled: bool = True
    seconds: float = 0.0
    by_fault: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    finished: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        found = (
            self.clips_broken,
            self.part_files,
            self.orphans,
            self.stuck_jobs,
            self.tasks_grown,
            self.unforeseen_errors,
            self.problems,
        )
        return (
            self.finished
            and not any(found)
            and self.sockets_grown <= SOCKETS_BOUND
            and self.memory_grown_mb <= MEMORY_BOUND_MB
        )

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {
            "ok": self.ok,
            "seed": self.seed,
            "faults": self.faults,
            "faults_hit": self.faults_hit,
            "tried_again": self.tried_again,
            "operations_done": self.operations_done,
            "clips_visible": self.clips_visible,
            "pictures_visible": self.pictures_visible,
            "clips_broken": self.clips_broken,
            "part_files": self.part_files,
            "orphans": self.orphans,
            "stuck_jobs": self.stuck_jobs,
            "tasks_grown": self.tasks_grown,
            "sockets_grown": self.sockets_grown,
            "memory_grown_mb": round(self.memory_grown_mb, 1),
            "unforeseen_errors": self.unforeseen_errors,
            "restarted": self.restarted,
            "disk_filled": self.disk_filled,
            "seconds": round(self.seconds),
            "by_fault": self.by_fault,
            "problems": self.problems[:SHOWN_PROBLEMS],
            "more_problems": max(0, len(self.problems) - SHOWN_PROBLEMS),
        }
