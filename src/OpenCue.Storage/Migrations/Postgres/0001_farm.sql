-- The farm as rows. Units are in the names: _ms since 1970 (UTC) unless it says engine, _s seconds, _kib KiB, _core_points hundredths of a core.
-- Lists are JSON in text. Numbers of enumerations are named in the table meaning. There are no foreign keys: the one server that writes holds
-- the whole farm in memory and checks every reference when it loads; checking them again in each commit would cost and find nothing.

CREATE TABLE facility (
    id uuid NOT NULL,
    name text NOT NULL,
    is_default boolean NOT NULL,
    scheduling_policy text NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE facility IS 'A site with hosts of its own.';

CREATE TABLE allocation (
    id uuid NOT NULL,
    facility_id uuid NOT NULL,
    name text NOT NULL,
    tag text NOT NULL,
    billable boolean NOT NULL,
    is_default boolean NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE allocation IS 'A named part of a facility''s hosts.';

CREATE TABLE show (
    id uuid NOT NULL,
    name text NOT NULL,
    aliases text NOT NULL,
    active boolean NOT NULL,
    booking_enabled boolean NOT NULL,
    dispatch_enabled boolean NOT NULL,
    default_min_core_points integer NOT NULL,
    default_max_core_points integer NOT NULL,
    default_min_gpus integer NOT NULL,
    default_max_gpus integer NOT NULL,
    comment_email text NOT NULL,
    frames_created bigint NOT NULL,
    jobs_created bigint NOT NULL,
    archived_runs_succeeded bigint NOT NULL,
    archived_runs_failed bigint NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE show IS 'A film or series. aliases: JSON list of names.';

CREATE TABLE job_group (
    id uuid NOT NULL,
    show_id uuid NOT NULL,
    parent_id uuid,
    name text NOT NULL,
    department text NOT NULL,
    default_job_priority integer NOT NULL,
    default_job_min_core_points integer NOT NULL,
    default_job_max_core_points integer NOT NULL,
    default_job_min_gpus integer NOT NULL,
    default_job_max_gpus integer NOT NULL,
    min_core_points integer NOT NULL,
    max_core_points integer NOT NULL,
    min_gpus integer NOT NULL,
    max_gpus integer NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE job_group IS 'A folder of a show''s jobs with limits of its own. -1: no limit, no default.';

CREATE TABLE subscription (
    id uuid NOT NULL,
    show_id uuid NOT NULL,
    allocation_id uuid NOT NULL,
    size_core_points integer NOT NULL,
    burst_core_points integer NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE subscription IS 'A show''s right to book on an allocation.';

CREATE TABLE share_use (
    owner_id uuid NOT NULL,
    milli_core_points bigint NOT NULL,
    at_engine_ms bigint NOT NULL,
    PRIMARY KEY (owner_id)
);
COMMENT ON TABLE share_use IS 'What a subscription or group has used of late: the average of its core points, in thousandths, old use counting less and less.';

CREATE TABLE service (
    id uuid NOT NULL,
    name text NOT NULL,
    show_id uuid,
    threadable boolean NOT NULL,
    min_core_points integer NOT NULL,
    max_core_points integer NOT NULL,
    min_memory_kib bigint NOT NULL,
    min_gpus integer NOT NULL,
    max_gpus integer NOT NULL,
    min_gpu_memory_kib bigint NOT NULL,
    min_memory_increase_kib bigint NOT NULL,
    tags text NOT NULL,
    timeout_minutes integer NOT NULL,
    timeout_log_minutes integer NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE service IS 'A kind of work and what it needs by default. With show_id: that show''s override.';

CREATE TABLE frame_limit (
    id uuid NOT NULL,
    name text NOT NULL,
    max_value integer NOT NULL,
    kind smallint NOT NULL,
    headroom integer NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE frame_limit IS 'How many frames, hosts or users may use something (licences) at once, in the layers under it; headroom of them are left alone.';

CREATE TABLE host (
    id uuid NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    fqdn text NOT NULL,
    allocation_id uuid NOT NULL,
    state smallint NOT NULL,
    repair_reason text,
    locked boolean NOT NULL,
    nimby_locked boolean NOT NULL,
    nimby_enabled boolean NOT NULL,
    thread_mode smallint NOT NULL,
    total_core_points integer NOT NULL,
    total_memory_kib bigint NOT NULL,
    total_gpus integer NOT NULL,
    total_gpu_memory_kib bigint NOT NULL,
    hardware_tags text NOT NULL,
    manual_tags text NOT NULL,
    has_hostname_tag boolean NOT NULL,
    os text NOT NULL,
    agent smallint NOT NULL,
    boot_id text,
    agent_instance text,
    boot_time_s bigint NOT NULL,
    agent_address text,
    agent_port integer,
    added_at_ms bigint NOT NULL,
    max_procs integer NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE host IS 'A render host: what changes seldom.';

CREATE TABLE host_stat (
    host_id uuid NOT NULL,
    ping_at_ms bigint NOT NULL,
    load_hundredths integer NOT NULL,
    total_memory_kib bigint NOT NULL,
    free_memory_kib bigint NOT NULL,
    total_swap_kib bigint NOT NULL,
    free_swap_kib bigint NOT NULL,
    total_temp_kib bigint NOT NULL,
    free_temp_kib bigint NOT NULL,
    total_gpu_memory_kib bigint NOT NULL,
    free_gpu_memory_kib bigint NOT NULL,
    PRIMARY KEY (host_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE host_stat IS 'What a host measured, about once a minute.';

CREATE TABLE job (
    id uuid NOT NULL,
    name text NOT NULL,
    holds_name boolean NOT NULL,
    show_id uuid NOT NULL,
    show_as_written text NOT NULL,
    group_id uuid NOT NULL,
    facility_id uuid NOT NULL,
    post_job_of uuid,
    state smallint NOT NULL,
    shot text NOT NULL,
    user_name text NOT NULL,
    uid integer,
    email text,
    os text,
    log_dir text NOT NULL,
    loki_url text NOT NULL,
    priority integer NOT NULL,
    min_core_points integer NOT NULL,
    max_core_points integer NOT NULL,
    min_gpus integer NOT NULL,
    max_gpus integer NOT NULL,
    paused boolean NOT NULL,
    auto_eat boolean NOT NULL,
    auto_book boolean NOT NULL,
    auto_unbook boolean NOT NULL,
    max_retries integer NOT NULL,
    environment text NOT NULL,
    submitted_at_ms bigint NOT NULL,
    stopped_at_ms bigint NOT NULL,
    killed boolean NOT NULL,
    has_comment boolean NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE job IS 'A job that is in the model: pending, or finished not long ago.';

CREATE TABLE layer (
    id uuid NOT NULL,
    job_id uuid NOT NULL,
    name text NOT NULL,
    type smallint NOT NULL,
    command text NOT NULL,
    frame_range text NOT NULL,
    chunk_size integer NOT NULL,
    dispatch_order integer NOT NULL,
    min_core_points integer NOT NULL,
    max_core_points integer NOT NULL,
    min_memory_kib bigint NOT NULL,
    min_gpus integer NOT NULL,
    max_gpus integer NOT NULL,
    min_gpu_memory_kib bigint NOT NULL,
    threadable boolean NOT NULL,
    tags text NOT NULL,
    services text NOT NULL,
    limit_ids text NOT NULL,
    timeout_minutes integer NOT NULL,
    timeout_log_minutes integer NOT NULL,
    optimize_memory boolean NOT NULL,
    environment text NOT NULL,
    start_after_ms bigint NOT NULL,
    start_after_reason text NOT NULL,
    outputs text NOT NULL,
    on_host_lost smallint NOT NULL,
    created_at_ms bigint NOT NULL,
    frame_count integer NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE layer IS 'A layer of such a job. limit_ids, tags, services, environment, outputs: JSON lists.';
CREATE INDEX layer_job ON layer (job_id);

CREATE TABLE layer_usage (
    layer_id uuid NOT NULL,
    succeeded_runs bigint NOT NULL,
    failed_runs bigint NOT NULL,
    core_seconds_succeeded bigint NOT NULL,
    core_seconds_failed bigint NOT NULL,
    gpu_seconds_succeeded bigint NOT NULL,
    gpu_seconds_failed bigint NOT NULL,
    clock_seconds_succeeded bigint NOT NULL,
    clock_seconds_failed bigint NOT NULL,
    longest_run_s bigint NOT NULL,
    shortest_run_s bigint NOT NULL,
    max_rss_kib bigint NOT NULL,
    max_pss_kib bigint NOT NULL,
    started_at_ms bigint NOT NULL,
    stopped_at_ms bigint NOT NULL,
    PRIMARY KEY (layer_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE layer_usage IS 'Sums over the ended runs of a layer.';

CREATE TABLE frames_at_rest (
    layer_id uuid NOT NULL,
    waiting_frames integer NOT NULL,
    succeeded_frames integer NOT NULL,
    dead_frames integer NOT NULL,
    eaten_frames integer NOT NULL,
    checkpoint_frames integer NOT NULL,
    PRIMARY KEY (layer_id)
);
COMMENT ON TABLE frames_at_rest IS 'Layers of finished jobs whose frames do not change any more: the server reads those only when asked for them.';

CREATE TABLE frame (
    layer_id uuid NOT NULL,
    ordinal integer NOT NULL,
    state smallint NOT NULL,
    checkpoint_state smallint NOT NULL,
    flags smallint NOT NULL,
    retries smallint NOT NULL,
    checkpoints smallint NOT NULL,
    exit_status integer NOT NULL,
    version integer NOT NULL,
    dispatch_order integer NOT NULL,
    core_points integer NOT NULL,
    gpus integer NOT NULL,
    host_number integer NOT NULL,
    started_at_ms bigint NOT NULL,
    stopped_at_ms bigint NOT NULL,
    log_updated_at_ms bigint NOT NULL,
    eligible_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    max_rss_kib bigint NOT NULL,
    rss_kib bigint NOT NULL,
    max_pss_kib bigint NOT NULL,
    pss_kib bigint NOT NULL,
    reserved_memory_kib bigint NOT NULL,
    reserved_gpu_memory_kib bigint NOT NULL,
    core_seconds bigint NOT NULL,
    gpu_seconds bigint NOT NULL,
    PRIMARY KEY (layer_id, ordinal)
) WITH (fillfactor = 80);
COMMENT ON TABLE frame IS 'A frame of a layer. Not started and held by a depend: may say WAITING or SETUP here, the depends decide.';

CREATE TABLE depend (
    id uuid NOT NULL,
    type smallint NOT NULL,
    any_frame boolean NOT NULL,
    active boolean NOT NULL,
    dropped boolean NOT NULL,
    er_job_id uuid NOT NULL,
    er_layer_id uuid,
    er_frame_ordinal integer,
    on_job_id uuid NOT NULL,
    on_layer_id uuid,
    on_frame_ordinal integer,
    created_at_ms bigint NOT NULL,
    satisfied_at_ms bigint NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE depend IS 'er waits for on. Frames are named by their ordinal in the layer.';

CREATE TABLE depend_marks (
    id uuid NOT NULL,
    depend_id uuid NOT NULL,
    side smallint NOT NULL,
    segment integer NOT NULL,
    bits bigint NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE depend_marks IS 'Edges of a depend that are done: 64 bits a row, the lowest bit first, as a signed number.';

CREATE TABLE proc (
    id uuid NOT NULL,
    host_id uuid NOT NULL,
    layer_id uuid NOT NULL,
    reserved_core_points integer NOT NULL,
    reserved_memory_kib bigint NOT NULL,
    reserved_gpus integer NOT NULL,
    reserved_gpu_memory_kib bigint NOT NULL,
    booked_memory_kib bigint NOT NULL,
    booked_at_ms bigint NOT NULL,
    unbooked boolean NOT NULL,
    is_local boolean NOT NULL,
    PRIMARY KEY (id)
) WITH (fillfactor = 70);
COMMENT ON TABLE proc IS 'A place on a host that a job holds from run to run.';

CREATE TABLE run (
    id uuid NOT NULL,
    layer_id uuid NOT NULL,
    frame_ordinal integer NOT NULL,
    job_id uuid NOT NULL,
    proc_id uuid NOT NULL,
    host_id uuid NOT NULL,
    host_name text NOT NULL,
    reserved_core_points integer NOT NULL,
    reserved_memory_kib bigint NOT NULL,
    reserved_gpus integer NOT NULL,
    reserved_gpu_memory_kib bigint NOT NULL,
    retry integer NOT NULL,
    phase smallint NOT NULL,
    booked_engine_ms bigint NOT NULL,
    booked_at_ms bigint NOT NULL,
    host_boot_id text,
    host_boot_time_s bigint NOT NULL,
    agent_instance text,
    unknown_since_ms bigint NOT NULL,
    unknown_reason text,
    kill_outcome smallint,
    kill_reason text,
    kill_by text,
    kill_at_ms bigint,
    end_kind smallint NOT NULL,
    ended_at_ms bigint NOT NULL,
    exit_status integer NOT NULL,
    exit_signal integer NOT NULL,
    run_seconds bigint NOT NULL,
    max_rss_kib bigint NOT NULL,
    PRIMARY KEY (id)
) WITH (fillfactor = 80);
COMMENT ON TABLE run IS 'One execution of a frame on a host; end_kind 0: it has not ended. Ended runs stay here as history.';
-- A load and people who look at what runs want the few that live, not the years of history.
CREATE INDEX run_live ON run (layer_id) WHERE end_kind = 0;
CREATE INDEX run_frame ON run (layer_id, frame_ordinal);
CREATE INDEX run_host ON run (host_id, ended_at_ms) WHERE end_kind <> 0;

CREATE TABLE old_run (
    run_id uuid NOT NULL,
    host_id uuid NOT NULL,
    frame_id uuid NOT NULL,
    end_kind smallint NOT NULL,
    since_ms bigint NOT NULL,
    killed_engine_ms bigint NOT NULL,
    PRIMARY KEY (run_id)
);
COMMENT ON TABLE old_run IS 'A run that is not held and may live on a host: its end was assumed, or it was ordered killed as not current.';

CREATE TABLE bulk_operation (
    id uuid NOT NULL,
    kind smallint NOT NULL,
    job_id uuid NOT NULL,
    frames text NOT NULL,
    done integer NOT NULL,
    argument text NOT NULL,
    requested_by text NOT NULL,
    reason text NOT NULL,
    requested_at_ms bigint NOT NULL,
    requested_engine_ms bigint NOT NULL,
    PRIMARY KEY (id)
) WITH (fillfactor = 70);
COMMENT ON TABLE bulk_operation IS 'What a person asked for that concerns many frames and is not done yet.';

CREATE TABLE host_number (
    number integer NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (number)
);
COMMENT ON TABLE host_number IS 'Names of all hosts that ever were: frames remember their last host by its number.';

CREATE TABLE job_history (
    id uuid NOT NULL,
    name text NOT NULL,
    holds_name boolean NOT NULL,
    show_id uuid NOT NULL,
    show_as_written text NOT NULL,
    group_id uuid NOT NULL,
    facility_id uuid NOT NULL,
    post_job_of uuid,
    state smallint NOT NULL,
    shot text NOT NULL,
    user_name text NOT NULL,
    uid integer,
    email text,
    os text,
    log_dir text NOT NULL,
    loki_url text NOT NULL,
    priority integer NOT NULL,
    min_core_points integer NOT NULL,
    max_core_points integer NOT NULL,
    min_gpus integer NOT NULL,
    max_gpus integer NOT NULL,
    paused boolean NOT NULL,
    auto_eat boolean NOT NULL,
    auto_book boolean NOT NULL,
    auto_unbook boolean NOT NULL,
    max_retries integer NOT NULL,
    environment text NOT NULL,
    submitted_at_ms bigint NOT NULL,
    stopped_at_ms bigint NOT NULL,
    killed boolean NOT NULL,
    has_comment boolean NOT NULL,
    show_name text NOT NULL,
    group_name text NOT NULL,
    department text NOT NULL,
    facility_name text NOT NULL,
    archived_at_ms bigint NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON TABLE job_history IS 'Jobs that left the model, with the names that show, group and facility had then.';
CREATE INDEX job_history_name ON job_history (name, archived_at_ms);
CREATE INDEX job_history_show ON job_history (show_id, archived_at_ms);
CREATE INDEX job_history_time ON job_history (archived_at_ms);

CREATE TABLE layer_history (
    id uuid NOT NULL,
    job_id uuid NOT NULL,
    name text NOT NULL,
    type smallint NOT NULL,
    command text NOT NULL,
    frame_range text NOT NULL,
    chunk_size integer NOT NULL,
    dispatch_order integer NOT NULL,
    min_core_points integer NOT NULL,
    max_core_points integer NOT NULL,
    min_memory_kib bigint NOT NULL,
    min_gpus integer NOT NULL,
    max_gpus integer NOT NULL,
    min_gpu_memory_kib bigint NOT NULL,
    threadable boolean NOT NULL,
    tags text NOT NULL,
    services text NOT NULL,
    limit_ids text NOT NULL,
    timeout_minutes integer NOT NULL,
    timeout_log_minutes integer NOT NULL,
    optimize_memory boolean NOT NULL,
    environment text NOT NULL,
    start_after_ms bigint NOT NULL,
    start_after_reason text NOT NULL,
    outputs text NOT NULL,
    on_host_lost smallint NOT NULL,
    created_at_ms bigint NOT NULL,
    frame_count integer NOT NULL,
    succeeded_runs bigint NOT NULL,
    failed_runs bigint NOT NULL,
    core_seconds_succeeded bigint NOT NULL,
    core_seconds_failed bigint NOT NULL,
    gpu_seconds_succeeded bigint NOT NULL,
    gpu_seconds_failed bigint NOT NULL,
    clock_seconds_succeeded bigint NOT NULL,
    clock_seconds_failed bigint NOT NULL,
    longest_run_s bigint NOT NULL,
    shortest_run_s bigint NOT NULL,
    max_rss_kib bigint NOT NULL,
    max_pss_kib bigint NOT NULL,
    started_at_ms bigint NOT NULL,
    stopped_at_ms bigint NOT NULL,
    succeeded_frames integer,
    eaten_frames integer,
    dead_frames integer,
    PRIMARY KEY (id)
);
COMMENT ON TABLE layer_history IS 'Their layers, with what the layers'' runs used. Counts of frames are filled in once the frames have been moved.';
CREATE INDEX layer_history_job ON layer_history (job_id);

CREATE TABLE frame_history (
    layer_id uuid NOT NULL,
    ordinal integer NOT NULL,
    state smallint NOT NULL,
    checkpoint_state smallint NOT NULL,
    flags smallint NOT NULL,
    retries smallint NOT NULL,
    checkpoints smallint NOT NULL,
    exit_status integer NOT NULL,
    version integer NOT NULL,
    dispatch_order integer NOT NULL,
    core_points integer NOT NULL,
    gpus integer NOT NULL,
    host_number integer NOT NULL,
    started_at_ms bigint NOT NULL,
    stopped_at_ms bigint NOT NULL,
    log_updated_at_ms bigint NOT NULL,
    eligible_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    max_rss_kib bigint NOT NULL,
    rss_kib bigint NOT NULL,
    max_pss_kib bigint NOT NULL,
    pss_kib bigint NOT NULL,
    reserved_memory_kib bigint NOT NULL,
    reserved_gpu_memory_kib bigint NOT NULL,
    core_seconds bigint NOT NULL,
    gpu_seconds bigint NOT NULL,
    host_name text NOT NULL,
    PRIMARY KEY (layer_id, ordinal)
);
COMMENT ON TABLE frame_history IS 'Their frames, with what the last run of each used; table run has all its runs.';

CREATE TABLE depend_history (
    id uuid NOT NULL,
    type smallint NOT NULL,
    any_frame boolean NOT NULL,
    active boolean NOT NULL,
    dropped boolean NOT NULL,
    er_job_id uuid NOT NULL,
    er_layer_id uuid,
    er_frame_ordinal integer,
    on_job_id uuid NOT NULL,
    on_layer_id uuid,
    on_frame_ordinal integer,
    created_at_ms bigint NOT NULL,
    satisfied_at_ms bigint NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX depend_history_job ON depend_history (er_job_id);
COMMENT ON TABLE depend_history IS 'What they waited for: the depends of table depend, kept when a job on either side of them left the model.';

CREATE TABLE frame_move (
    layer_id uuid NOT NULL,
    frame_count integer NOT NULL,
    keep boolean NOT NULL,
    PRIMARY KEY (layer_id)
);
COMMENT ON TABLE frame_move IS 'Layers gone from the model whose frames still lie in frame: they are moved to frame_history (keep) or deleted.';

CREATE TABLE audit (
    batch bigint NOT NULL,
    item integer NOT NULL,
    at_ms bigint NOT NULL,
    kind smallint NOT NULL,
    actor_kind smallint NOT NULL,
    actor text NOT NULL,
    peer text,
    subject_id uuid NOT NULL,
    job_id uuid,
    from_value integer NOT NULL,
    to_value integer NOT NULL,
    reason text,
    PRIMARY KEY (batch, item)
);
COMMENT ON TABLE audit IS 'Who did what: decisions of people, states of hosts, assumptions of the server, alarms.';
CREATE INDEX audit_job ON audit (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX audit_time ON audit (at_ms);

CREATE TABLE meaning (
    column_name text NOT NULL,
    value smallint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (column_name, value)
);
COMMENT ON TABLE meaning IS 'What the numbers in columns like frame.state mean; the server writes it at each start.';

CREATE TABLE lease (
    id integer NOT NULL CHECK (id = 1),
    epoch bigint NOT NULL,
    batch bigint NOT NULL,
    owner text NOT NULL,
    engine_ms bigint NOT NULL,
    taken_at_ms bigint NOT NULL,
    batch_at_ms bigint NOT NULL,
    PRIMARY KEY (id)
) WITH (fillfactor = 50);
COMMENT ON TABLE lease IS 'One row: which server owns the farm (epoch, owner), the last batch it committed, and the engine time of that.';

INSERT INTO lease (id, epoch, batch, owner, engine_ms, taken_at_ms, batch_at_ms) VALUES (1, 0, 0, '', 0, 0, 0);
