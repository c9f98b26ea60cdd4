-- The tables as people want to see them: names instead of ids and numbers, times instead of milliseconds, cores instead of hundredths of them,
-- GiB instead of KiB.
-- They are for looking at, not for programs: their columns may change with any version.

CREATE VIEW jobs AS
SELECT
    j.name, s.name AS show, g.name AS job_group, f.name AS facility,
    (SELECT m.name FROM meaning m WHERE m.column_name = 'job.state' AND m.value = j.state) AS state, j.user_name,
    j.shot, j.priority, j.paused, (SELECT sum(l.frame_count) FROM layer l WHERE l.job_id = j.id) AS frames,
    to_timestamp(nullif(j.submitted_at_ms, 0) / 1000.0) AS submitted_at,
    to_timestamp(nullif(j.stopped_at_ms, 0) / 1000.0) AS stopped_at, j.id
FROM job j
LEFT JOIN show s ON s.id = j.show_id
LEFT JOIN job_group g ON g.id = j.group_id
LEFT JOIN facility f ON f.id = j.facility_id;

CREATE VIEW layers AS
SELECT
    j.name AS job, l.name AS layer,
    (SELECT m.name FROM meaning m WHERE m.column_name = 'layer.type' AND m.value = l.type) AS type, l.frame_range,
    l.chunk_size, l.frame_count AS frames, l.min_core_points / 100.0 AS min_cores,
    round(l.min_memory_kib / 1048576.0, 2) AS min_memory_gib, l.min_gpus, l.tags, l.services, u.succeeded_runs,
    u.failed_runs, u.core_seconds_succeeded, u.core_seconds_failed, u.longest_run_s,
    round(u.max_rss_kib / 1048576.0, 2) AS max_rss_gib, l.id, l.job_id
FROM layer l
JOIN job j ON j.id = l.job_id
LEFT JOIN layer_usage u ON u.layer_id = l.id;

-- A frame that a depend holds may show as WAITING: which frames wait is worked out from the depends, not stored.
CREATE VIEW frames AS
SELECT
    j.name AS job, l.name AS layer, f.ordinal,
    (SELECT m.name FROM meaning m WHERE m.column_name = 'frame.state' AND m.value = f.state) AS state,
    f.exit_status, f.retries, n.name AS host, to_timestamp(nullif(f.started_at_ms, 0) / 1000.0) AS started_at,
    to_timestamp(nullif(f.stopped_at_ms, 0) / 1000.0) AS stopped_at, f.core_points / 100.0 AS cores,
    round(f.max_rss_kib / 1048576.0, 2) AS max_rss_gib, f.core_seconds, f.layer_id
FROM frame f
JOIN layer l ON l.id = f.layer_id
JOIN job j ON j.id = l.job_id
LEFT JOIN host_number n ON n.number = f.host_number;

CREATE VIEW runs AS
SELECT
    coalesce(j.name, h.name) AS job, coalesce(l.name, k.name) AS layer, r.frame_ordinal, r.retry,
    r.host_name AS host,
    (SELECT m.name FROM meaning m WHERE m.column_name = 'run.phase' AND m.value = r.phase) AS phase,
    (SELECT m.name FROM meaning m WHERE m.column_name = 'run.end_kind' AND m.value = r.end_kind) AS ended_how,
    r.exit_status, r.exit_signal, to_timestamp(nullif(r.booked_at_ms, 0) / 1000.0) AS booked_at,
    to_timestamp(nullif(r.ended_at_ms, 0) / 1000.0) AS ended_at, r.run_seconds,
    r.reserved_core_points / 100.0 AS cores, round(r.reserved_memory_kib / 1048576.0, 2) AS reserved_gib,
    round(r.max_rss_kib / 1048576.0, 2) AS max_rss_gib, r.kill_by, r.kill_reason, r.id, r.layer_id, r.job_id
FROM run r
LEFT JOIN job j ON j.id = r.job_id
LEFT JOIN job_history h ON h.id = r.job_id
LEFT JOIN layer l ON l.id = r.layer_id
LEFT JOIN layer_history k ON k.id = r.layer_id;

CREATE VIEW archived_jobs AS
SELECT
    j.name, j.show_name AS show, j.group_name AS job_group, j.department, j.facility_name AS facility, j.user_name,
    j.shot, j.killed, to_timestamp(nullif(j.submitted_at_ms, 0) / 1000.0) AS submitted_at,
    to_timestamp(nullif(j.stopped_at_ms, 0) / 1000.0) AS stopped_at,
    to_timestamp(nullif(j.archived_at_ms, 0) / 1000.0) AS archived_at, count(l.id) AS layers,
    sum(l.frame_count) AS frames, sum(l.succeeded_frames) AS succeeded, sum(l.eaten_frames) AS eaten,
    sum(l.dead_frames) AS dead, sum(l.core_seconds_succeeded) AS core_seconds_succeeded,
    sum(l.core_seconds_failed) AS core_seconds_failed, sum(l.gpu_seconds_succeeded) AS gpu_seconds_succeeded,
    sum(l.gpu_seconds_failed) AS gpu_seconds_failed, round(max(l.max_rss_kib) / 1048576.0, 2) AS max_rss_gib, j.id
FROM job_history j
LEFT JOIN layer_history l ON l.job_id = j.id
GROUP BY j.id;

CREATE VIEW archived_layers AS
SELECT
    j.name AS job, j.show_name AS show, l.name AS layer,
    (SELECT m.name FROM meaning m WHERE m.column_name = 'layer.type' AND m.value = l.type) AS type, l.services,
    l.frame_count AS frames, l.succeeded_frames AS succeeded, l.eaten_frames AS eaten, l.dead_frames AS dead,
    l.min_core_points / 100.0 AS min_cores, round(l.min_memory_kib / 1048576.0, 2) AS min_memory_gib,
    round(l.max_rss_kib / 1048576.0, 2) AS max_rss_gib, l.core_seconds_succeeded, l.core_seconds_failed,
    l.longest_run_s, l.shortest_run_s, to_timestamp(nullif(j.archived_at_ms, 0) / 1000.0) AS archived_at, l.id,
    l.job_id
FROM layer_history l
JOIN job_history j ON j.id = l.job_id;

CREATE VIEW archived_frames AS
SELECT
    j.name AS job, l.name AS layer, f.ordinal,
    (SELECT m.name FROM meaning m WHERE m.column_name = 'frame.state' AND m.value = f.state) AS state,
    f.exit_status, f.retries, f.host_name AS host, to_timestamp(nullif(f.started_at_ms, 0) / 1000.0) AS started_at,
    to_timestamp(nullif(f.stopped_at_ms, 0) / 1000.0) AS stopped_at, f.core_points / 100.0 AS cores,
    round(f.max_rss_kib / 1048576.0, 2) AS max_rss_gib, f.core_seconds, f.layer_id
FROM frame_history f
JOIN layer_history l ON l.id = f.layer_id
JOIN job_history j ON j.id = l.job_id;

CREATE VIEW audit_trail AS
SELECT
    to_timestamp(nullif(a.at_ms, 0) / 1000.0) AS at,
    (SELECT m.name FROM meaning m WHERE m.column_name = 'audit.kind' AND m.value = a.kind) AS what,
    (SELECT m.name FROM meaning m WHERE m.column_name = 'audit.actor_kind' AND m.value = a.actor_kind) AS actor_kind,
    a.actor, a.peer, coalesce(j.name, h.name) AS job, a.reason, a.from_value, a.to_value, a.subject_id, a.job_id,
    a.batch, a.item
FROM audit a
LEFT JOIN job j ON j.id = a.job_id
LEFT JOIN job_history h ON h.id = a.job_id;
