-- The farm as rows. Units are in the names: _ms since 1970 (UTC) unless it says engine, _s seconds, _kib KiB, _core_points hundredths of a core.
-- Lists are JSON in text. Numbers of enumerations are named in the table meaning. There are no foreign keys: the one server that writes holds
-- the whole farm in memory and checks every reference when it loads; checking them again in each commit would cost and find nothing.
-- Ids are text of 36 characters, truth values are 1 and 0.

-- A site with hosts of its own.
CREATE TABLE facility (
    id text NOT NULL,
    name text NOT NULL,
    is_default integer NOT NULL,
    scheduling_policy text NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- A named part of a facility's hosts.
CREATE TABLE allocation (
    id text NOT NULL,
    facility_id text NOT NULL,
    name text NOT NULL,
    tag text NOT NULL,
    billable integer NOT NULL,
    is_default integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- A film or series. aliases: JSON list of names.
CREATE TABLE show (
    id text NOT NULL,
    name text NOT NULL,
    aliases text NOT NULL,
    active integer NOT NULL,
    booking_enabled integer NOT NULL,
    dispatch_enabled integer NOT NULL,
    default_min_core_points integer NOT NULL,
    default_max_core_points integer NOT NULL,
    default_min_gpus integer NOT NULL,
    default_max_gpus integer NOT NULL,
    comment_email text NOT NULL,
    frames_created integer NOT NULL,
    jobs_created integer NOT NULL,
    archived_runs_succeeded integer NOT NULL,
    archived_runs_failed integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- A folder of a show's jobs with limits of its own. -1: no limit, no default.
CREATE TABLE job_group (
    id text NOT NULL,
    show_id text NOT NULL,
    parent_id text,
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
) STRICT, WITHOUT ROWID;

-- A show's right to book on an allocation.
CREATE TABLE subscription (
    id text NOT NULL,
    show_id text NOT NULL,
    allocation_id text NOT NULL,
    size_core_points integer NOT NULL,
    burst_core_points integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- What a subscription or group has used of late: the average of its core points, in thousandths, old use counting less and less.
CREATE TABLE share_use (
    owner_id text NOT NULL,
    milli_core_points integer NOT NULL,
    at_engine_ms integer NOT NULL,
    PRIMARY KEY (owner_id)
) STRICT, WITHOUT ROWID;

-- A kind of work and what it needs by default. With show_id: that show's override.
CREATE TABLE service (
    id text NOT NULL,
    name text NOT NULL,
    show_id text,
    threadable integer NOT NULL,
    min_core_points integer NOT NULL,
    max_core_points integer NOT NULL,
    min_memory_kib integer NOT NULL,
    min_gpus integer NOT NULL,
    max_gpus integer NOT NULL,
    min_gpu_memory_kib integer NOT NULL,
    min_memory_increase_kib integer NOT NULL,
    tags text NOT NULL,
    timeout_minutes integer NOT NULL,
    timeout_log_minutes integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- How many frames, hosts or users may use something (licences) at once, in the layers under it; headroom of them are left alone.
CREATE TABLE frame_limit (
    id text NOT NULL,
    name text NOT NULL,
    max_value integer NOT NULL,
    kind integer NOT NULL,
    headroom integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- A render host: what changes seldom.
CREATE TABLE host (
    id text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    fqdn text NOT NULL,
    allocation_id text NOT NULL,
    state integer NOT NULL,
    repair_reason text,
    locked integer NOT NULL,
    nimby_locked integer NOT NULL,
    nimby_enabled integer NOT NULL,
    thread_mode integer NOT NULL,
    total_core_points integer NOT NULL,
    total_memory_kib integer NOT NULL,
    total_gpus integer NOT NULL,
    total_gpu_memory_kib integer NOT NULL,
    hardware_tags text NOT NULL,
    manual_tags text NOT NULL,
    has_hostname_tag integer NOT NULL,
    os text NOT NULL,
    agent integer NOT NULL,
    boot_id text,
    agent_instance text,
    boot_time_s integer NOT NULL,
    agent_address text,
    agent_port integer,
    added_at_ms integer NOT NULL,
    max_procs integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- What a host measured, about once a minute.
CREATE TABLE host_stat (
    host_id text NOT NULL,
    ping_at_ms integer NOT NULL,
    load_hundredths integer NOT NULL,
    total_memory_kib integer NOT NULL,
    free_memory_kib integer NOT NULL,
    total_swap_kib integer NOT NULL,
    free_swap_kib integer NOT NULL,
    total_temp_kib integer NOT NULL,
    free_temp_kib integer NOT NULL,
    total_gpu_memory_kib integer NOT NULL,
    free_gpu_memory_kib integer NOT NULL,
    PRIMARY KEY (host_id)
) STRICT, WITHOUT ROWID;

-- A job that is in the model: pending, or finished not long ago.
CREATE TABLE job (
    id text NOT NULL,
    name text NOT NULL,
    holds_name integer NOT NULL,
    show_id text NOT NULL,
    show_as_written text NOT NULL,
    group_id text NOT NULL,
    facility_id text NOT NULL,
    post_job_of text,
    state integer NOT NULL,
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
    paused integer NOT NULL,
    auto_eat integer NOT NULL,
    auto_book integer NOT NULL,
    auto_unbook integer NOT NULL,
    max_retries integer NOT NULL,
    environment text NOT NULL,
    submitted_at_ms integer NOT NULL,
    stopped_at_ms integer NOT NULL,
    killed integer NOT NULL,
    has_comment integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- A layer of such a job. limit_ids, tags, services, environment, outputs: JSON lists.
CREATE TABLE layer (
    id text NOT NULL,
    job_id text NOT NULL,
    name text NOT NULL,
    type integer NOT NULL,
    command text NOT NULL,
    frame_range text NOT NULL,
    chunk_size integer NOT NULL,
    dispatch_order integer NOT NULL,
    min_core_points integer NOT NULL,
    max_core_points integer NOT NULL,
    min_memory_kib integer NOT NULL,
    min_gpus integer NOT NULL,
    max_gpus integer NOT NULL,
    min_gpu_memory_kib integer NOT NULL,
    threadable integer NOT NULL,
    tags text NOT NULL,
    services text NOT NULL,
    limit_ids text NOT NULL,
    timeout_minutes integer NOT NULL,
    timeout_log_minutes integer NOT NULL,
    optimize_memory integer NOT NULL,
    environment text NOT NULL,
    start_after_ms integer NOT NULL,
    start_after_reason text NOT NULL,
    outputs text NOT NULL,
    on_host_lost integer NOT NULL,
    created_at_ms integer NOT NULL,
    frame_count integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX layer_job ON layer (job_id);

-- Sums over the ended runs of a layer.
CREATE TABLE layer_usage (
    layer_id text NOT NULL,
    succeeded_runs integer NOT NULL,
    failed_runs integer NOT NULL,
    core_seconds_succeeded integer NOT NULL,
    core_seconds_failed integer NOT NULL,
    gpu_seconds_succeeded integer NOT NULL,
    gpu_seconds_failed integer NOT NULL,
    clock_seconds_succeeded integer NOT NULL,
    clock_seconds_failed integer NOT NULL,
    longest_run_s integer NOT NULL,
    shortest_run_s integer NOT NULL,
    max_rss_kib integer NOT NULL,
    max_pss_kib integer NOT NULL,
    started_at_ms integer NOT NULL,
    stopped_at_ms integer NOT NULL,
    PRIMARY KEY (layer_id)
) STRICT, WITHOUT ROWID;

-- Layers of finished jobs whose frames do not change any more: the server reads those only when asked for them.
CREATE TABLE frames_at_rest (
    layer_id text NOT NULL,
    waiting_frames integer NOT NULL,
    succeeded_frames integer NOT NULL,
    dead_frames integer NOT NULL,
    eaten_frames integer NOT NULL,
    checkpoint_frames integer NOT NULL,
    PRIMARY KEY (layer_id)
) STRICT, WITHOUT ROWID;

-- A frame of a layer. Not started and held by a depend: may say WAITING or SETUP here, the depends decide.
CREATE TABLE frame (
    layer_id text NOT NULL,
    ordinal integer NOT NULL,
    state integer NOT NULL,
    checkpoint_state integer NOT NULL,
    flags integer NOT NULL,
    retries integer NOT NULL,
    checkpoints integer NOT NULL,
    exit_status integer NOT NULL,
    version integer NOT NULL,
    dispatch_order integer NOT NULL,
    core_points integer NOT NULL,
    gpus integer NOT NULL,
    host_number integer NOT NULL,
    started_at_ms integer NOT NULL,
    stopped_at_ms integer NOT NULL,
    log_updated_at_ms integer NOT NULL,
    eligible_at_ms integer NOT NULL,
    updated_at_ms integer NOT NULL,
    max_rss_kib integer NOT NULL,
    rss_kib integer NOT NULL,
    max_pss_kib integer NOT NULL,
    pss_kib integer NOT NULL,
    reserved_memory_kib integer NOT NULL,
    reserved_gpu_memory_kib integer NOT NULL,
    core_seconds integer NOT NULL,
    gpu_seconds integer NOT NULL,
    PRIMARY KEY (layer_id, ordinal)
) STRICT, WITHOUT ROWID;

-- er waits for on. Frames are named by their ordinal in the layer.
CREATE TABLE depend (
    id text NOT NULL,
    type integer NOT NULL,
    any_frame integer NOT NULL,
    active integer NOT NULL,
    dropped integer NOT NULL,
    er_job_id text NOT NULL,
    er_layer_id text,
    er_frame_ordinal integer,
    on_job_id text NOT NULL,
    on_layer_id text,
    on_frame_ordinal integer,
    created_at_ms integer NOT NULL,
    satisfied_at_ms integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- Edges of a depend that are done: 64 bits a row, the lowest bit first, as a signed number.
CREATE TABLE depend_marks (
    id text NOT NULL,
    depend_id text NOT NULL,
    side integer NOT NULL,
    segment integer NOT NULL,
    bits integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- A place on a host that a job holds from run to run.
CREATE TABLE proc (
    id text NOT NULL,
    host_id text NOT NULL,
    layer_id text NOT NULL,
    reserved_core_points integer NOT NULL,
    reserved_memory_kib integer NOT NULL,
    reserved_gpus integer NOT NULL,
    reserved_gpu_memory_kib integer NOT NULL,
    booked_memory_kib integer NOT NULL,
    booked_at_ms integer NOT NULL,
    unbooked integer NOT NULL,
    is_local integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- One execution of a frame on a host; end_kind 0: it has not ended. Ended runs stay here as history.
CREATE TABLE run (
    id text NOT NULL,
    layer_id text NOT NULL,
    frame_ordinal integer NOT NULL,
    job_id text NOT NULL,
    proc_id text NOT NULL,
    host_id text NOT NULL,
    host_name text NOT NULL,
    reserved_core_points integer NOT NULL,
    reserved_memory_kib integer NOT NULL,
    reserved_gpus integer NOT NULL,
    reserved_gpu_memory_kib integer NOT NULL,
    retry integer NOT NULL,
    phase integer NOT NULL,
    booked_engine_ms integer NOT NULL,
    booked_at_ms integer NOT NULL,
    host_boot_id text,
    host_boot_time_s integer NOT NULL,
    agent_instance text,
    unknown_since_ms integer NOT NULL,
    unknown_reason text,
    kill_outcome integer,
    kill_reason text,
    kill_by text,
    kill_at_ms integer,
    end_kind integer NOT NULL,
    ended_at_ms integer NOT NULL,
    exit_status integer NOT NULL,
    exit_signal integer NOT NULL,
    run_seconds integer NOT NULL,
    max_rss_kib integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
-- A load and people who look at what runs want the few that live, not the years of history.
CREATE INDEX run_live ON run (layer_id) WHERE end_kind = 0;
CREATE INDEX run_frame ON run (layer_id, frame_ordinal);
CREATE INDEX run_host ON run (host_id, ended_at_ms) WHERE end_kind <> 0;

-- A run that is not held and may live on a host: its end was assumed, or it was ordered killed as not current.
CREATE TABLE old_run (
    run_id text NOT NULL,
    host_id text NOT NULL,
    frame_id text NOT NULL,
    end_kind integer NOT NULL,
    since_ms integer NOT NULL,
    killed_engine_ms integer NOT NULL,
    PRIMARY KEY (run_id)
) STRICT, WITHOUT ROWID;

-- What a person asked for that concerns many frames and is not done yet.
CREATE TABLE bulk_operation (
    id text NOT NULL,
    kind integer NOT NULL,
    job_id text NOT NULL,
    frames text NOT NULL,
    done integer NOT NULL,
    argument text NOT NULL,
    requested_by text NOT NULL,
    reason text NOT NULL,
    requested_at_ms integer NOT NULL,
    requested_engine_ms integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- Names of all hosts that ever were: frames remember their last host by its number.
CREATE TABLE host_number (
    number integer NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (number)
) STRICT, WITHOUT ROWID;

-- Jobs that left the model, with the names that show, group and facility had then.
CREATE TABLE job_history (
    id text NOT NULL,
    name text NOT NULL,
    holds_name integer NOT NULL,
    show_id text NOT NULL,
    show_as_written text NOT NULL,
    group_id text NOT NULL,
    facility_id text NOT NULL,
    post_job_of text,
    state integer NOT NULL,
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
    paused integer NOT NULL,
    auto_eat integer NOT NULL,
    auto_book integer NOT NULL,
    auto_unbook integer NOT NULL,
    max_retries integer NOT NULL,
    environment text NOT NULL,
    submitted_at_ms integer NOT NULL,
    stopped_at_ms integer NOT NULL,
    killed integer NOT NULL,
    has_comment integer NOT NULL,
    show_name text NOT NULL,
    group_name text NOT NULL,
    department text NOT NULL,
    facility_name text NOT NULL,
    archived_at_ms integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_history_name ON job_history (name, archived_at_ms);
CREATE INDEX job_history_show ON job_history (show_id, archived_at_ms);
CREATE INDEX job_history_time ON job_history (archived_at_ms);

-- Their layers, with what the layers' runs used. Counts of frames are filled in once the frames have been moved.
CREATE TABLE layer_history (
    id text NOT NULL,
    job_id text NOT NULL,
    name text NOT NULL,
    type integer NOT NULL,
    command text NOT NULL,
    frame_range text NOT NULL,
    chunk_size integer NOT NULL,
    dispatch_order integer NOT NULL,
    min_core_points integer NOT NULL,
    max_core_points integer NOT NULL,
    min_memory_kib integer NOT NULL,
    min_gpus integer NOT NULL,
    max_gpus integer NOT NULL,
    min_gpu_memory_kib integer NOT NULL,
    threadable integer NOT NULL,
    tags text NOT NULL,
    services text NOT NULL,
    limit_ids text NOT NULL,
    timeout_minutes integer NOT NULL,
    timeout_log_minutes integer NOT NULL,
    optimize_memory integer NOT NULL,
    environment text NOT NULL,
    start_after_ms integer NOT NULL,
    start_after_reason text NOT NULL,
    outputs text NOT NULL,
    on_host_lost integer NOT NULL,
    created_at_ms integer NOT NULL,
    frame_count integer NOT NULL,
    succeeded_runs integer NOT NULL,
    failed_runs integer NOT NULL,
    core_seconds_succeeded integer NOT NULL,
    core_seconds_failed integer NOT NULL,
    gpu_seconds_succeeded integer NOT NULL,
    gpu_seconds_failed integer NOT NULL,
    clock_seconds_succeeded integer NOT NULL,
    clock_seconds_failed integer NOT NULL,
    longest_run_s integer NOT NULL,
    shortest_run_s integer NOT NULL,
    max_rss_kib integer NOT NULL,
    max_pss_kib integer NOT NULL,
    started_at_ms integer NOT NULL,
    stopped_at_ms integer NOT NULL,
    succeeded_frames integer,
    eaten_frames integer,
    dead_frames integer,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX layer_history_job ON layer_history (job_id);

-- Their frames, with what the last run of each used; table run has all its runs.
CREATE TABLE frame_history (
    layer_id text NOT NULL,
    ordinal integer NOT NULL,
    state integer NOT NULL,
    checkpoint_state integer NOT NULL,
    flags integer NOT NULL,
    retries integer NOT NULL,
    checkpoints integer NOT NULL,
    exit_status integer NOT NULL,
    version integer NOT NULL,
    dispatch_order integer NOT NULL,
    core_points integer NOT NULL,
    gpus integer NOT NULL,
    host_number integer NOT NULL,
    started_at_ms integer NOT NULL,
    stopped_at_ms integer NOT NULL,
    log_updated_at_ms integer NOT NULL,
    eligible_at_ms integer NOT NULL,
    updated_at_ms integer NOT NULL,
    max_rss_kib integer NOT NULL,
    rss_kib integer NOT NULL,
    max_pss_kib integer NOT NULL,
    pss_kib integer NOT NULL,
    reserved_memory_kib integer NOT NULL,
    reserved_gpu_memory_kib integer NOT NULL,
    core_seconds integer NOT NULL,
    gpu_seconds integer NOT NULL,
    host_name text NOT NULL,
    PRIMARY KEY (layer_id, ordinal)
) STRICT, WITHOUT ROWID;

-- What they waited for: the depends of table depend, kept when a job on either side of them left the model.
CREATE TABLE depend_history (
    id text NOT NULL,
    type integer NOT NULL,
    any_frame integer NOT NULL,
    active integer NOT NULL,
    dropped integer NOT NULL,
    er_job_id text NOT NULL,
    er_layer_id text,
    er_frame_ordinal integer,
    on_job_id text NOT NULL,
    on_layer_id text,
    on_frame_ordinal integer,
    created_at_ms integer NOT NULL,
    satisfied_at_ms integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX depend_history_job ON depend_history (er_job_id);

-- Layers gone from the model whose frames still lie in frame: they are moved to frame_history (keep) or deleted.
CREATE TABLE frame_move (
    layer_id text NOT NULL,
    frame_count integer NOT NULL,
    keep integer NOT NULL,
    PRIMARY KEY (layer_id)
) STRICT, WITHOUT ROWID;

-- Who did what: decisions of people, states of hosts, assumptions of the server, alarms.
CREATE TABLE audit (
    batch integer NOT NULL,
    item integer NOT NULL,
    at_ms integer NOT NULL,
    kind integer NOT NULL,
    actor_kind integer NOT NULL,
    actor text NOT NULL,
    peer text,
    subject_id text NOT NULL,
    job_id text,
    from_value integer NOT NULL,
    to_value integer NOT NULL,
    reason text,
    PRIMARY KEY (batch, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_job ON audit (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX audit_time ON audit (at_ms);

-- What the numbers in columns like frame.state mean; the server writes it at each start.
CREATE TABLE meaning (
    column_name text NOT NULL,
    value integer NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (column_name, value)
) STRICT, WITHOUT ROWID;

-- One row: which server owns the farm (epoch, owner), the last batch it committed, and the engine time of that.
CREATE TABLE lease (
    id integer NOT NULL CHECK (id = 1),
    epoch integer NOT NULL,
    batch integer NOT NULL,
    owner text NOT NULL,
    engine_ms integer NOT NULL,
    taken_at_ms integer NOT NULL,
    batch_at_ms integer NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

INSERT INTO lease (id, epoch, batch, owner, engine_ms, taken_at_ms, batch_at_ms) VALUES (1, 0, 0, '', 0, 0, 0);
