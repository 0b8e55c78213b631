"""Periodic jobs that look after the job queue itself; every worker schedules them, and each run is done by one."""

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

log = logging.getLogger(__name__)

HEARTBEAT_LOST_SECONDS = 30.0
# A job that kills its worker each time (out of memory, say) must not be retried for ever.
MOST_ATTEMPTS = 10
FINISHED_KEPT_HOURS = 7 * 24
FAILED_KEPT_HOURS = 90 * 24


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Retry job: gives the jobs of dead workers to living ones; after MOST_ATTEMPTS a job has failed for good."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=HEARTBEAT_LOST_SECONDS):
        if job.attempts >= MOST_ATTEMPTS:
            log.error("job %s (%s) ended its worker %d times; given up", job.id, job.task_name, job.attempts)
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            log.warning("job %s (%s) was left by a worker that died; tried again", job.id, job.task_name)
            await _retry(manager, job)


async def _retry(manager: JobManager, job: Job) -> None:
    """Retries a job; where the next run of the same job is already queued, that run does its work."""
    try:
        await manager.retry_job(job)
    except UniqueViolation:
        await manager.finish_job(job, status=Status.SUCCEEDED, delete_job=False)


@app.periodic(cron="20 3 * * *")
@app.task(name="prune_finished", queueing_lock="prune_finished", pass_context=True)
async def prune_finished(context: JobContext, timestamp: int) -> None:
    """Cleanup job: deletes finished jobs after a week, failed ones after ninety days, to leave time to look at them."""
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=FINISHED_KEPT_HOURS, include_cancelled=True, include_aborted=True)
    await manager.delete_old_jobs(nb_hours=FAILED_KEPT_HOURS, include_failed=True)
