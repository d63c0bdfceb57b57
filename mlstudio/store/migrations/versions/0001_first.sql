CREATE TABLE artifact (
    id INTEGER NOT NULL,
    uid TEXT,
    uri TEXT NOT NULL,
    sha256 TEXT,
    size BIGINT,
    media_type TEXT,
    type TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_artifact_uid UNIQUE (uid)
);

CREATE INDEX ix_artifact_sha256 ON artifact (sha256);

CREATE TABLE association (
    source_arn TEXT NOT NULL,
    dest_arn TEXT NOT NULL,
    type TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (source_arn, dest_arn, type)
)
 WITHOUT ROWID;

CREATE INDEX ix_association_dest ON association (dest_arn);

CREATE TABLE audit (
    id INTEGER NOT NULL,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    entity_kind TEXT NOT NULL,
    entity_uid TEXT NOT NULL,
    before_json TEXT,
    PRIMARY KEY (id)
);

CREATE TABLE change (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    entity_kind TEXT NOT NULL,
    entity_uid TEXT NOT NULL,
    entity_name TEXT NOT NULL,
    op TEXT NOT NULL
);

CREATE TABLE code (
    id INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    git_commit TEXT,
    git_remote TEXT,
    git_dirty BOOLEAN,
    dirty_diff_artifact TEXT,
    entrypoint TEXT,
    argv_json TEXT NOT NULL,
    notebook_path TEXT,
    cell_id TEXT,
    source TEXT,
    PRIMARY KEY (id),
    CONSTRAINT uq_code_sha256 UNIQUE (sha256)
);

CREATE TABLE env (
    id INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    python TEXT NOT NULL,
    platform TEXT NOT NULL,
    packages_json TEXT NOT NULL,
    hardware_json TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_env_sha256 UNIQUE (sha256)
);

CREATE TABLE experiment (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT,
    description TEXT,
    spec_json TEXT,
    starred BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    modified_at BIGINT NOT NULL,
    modified_by TEXT NOT NULL,
    deleted_at BIGINT,
    deleted_with TEXT,
    version BIGINT NOT NULL,
    CONSTRAINT uq_experiment_uid UNIQUE (uid),
    CONSTRAINT uq_experiment_name UNIQUE (name)
);

CREATE INDEX ix_experiment_created ON experiment (created_at, uid);

CREATE TABLE job (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    client_token TEXT,
    experiment_name TEXT,
    status TEXT NOT NULL,
    secondary TEXT NOT NULL,
    status_message TEXT NOT NULL,
    failure_reason TEXT,
    exit_code BIGINT,
    attempt BIGINT NOT NULL,
    owner TEXT NOT NULL,
    trial_component TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    modified_at BIGINT NOT NULL,
    run_dir TEXT NOT NULL,
    model_artifact TEXT,
    output_artifact TEXT,
    log_bytes BIGINT NOT NULL,
    log_dropped BIGINT NOT NULL,
    version BIGINT NOT NULL,
    spec_json TEXT NOT NULL,
    CONSTRAINT uq_job_uid UNIQUE (uid),
    CONSTRAINT uq_job_name UNIQUE (name)
);

CREATE INDEX ix_job_created ON job (created_at, uid);

CREATE INDEX ix_job_status ON job (status);

CREATE TABLE journal (
    uid TEXT NOT NULL,
    component_uid TEXT NOT NULL,
    host TEXT NOT NULL,
    pid BIGINT NOT NULL,
    proc_start BIGINT NOT NULL,
    boot_id TEXT NOT NULL,
    drained_to BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    bad_records BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (uid)
);

CREATE INDEX ix_journal_component ON journal (component_uid);

CREATE TABLE name (
    id INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_name_text UNIQUE (text)
);

CREATE TABLE setting (
    "key" TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY ("key")
);

CREATE TABLE tag (
    entity_kind TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entity_kind, entity_id, "key")
)
 WITHOUT ROWID;

CREATE INDEX ix_tag_key ON tag ("key", value);

CREATE TABLE job_stop (
    job_id INTEGER NOT NULL,
    grace DOUBLE NOT NULL,
    reason TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    PRIMARY KEY (job_id),
    CONSTRAINT fk_job_stop_job_id FOREIGN KEY(job_id) REFERENCES job (id) ON DELETE CASCADE
);

CREATE TABLE job_transition (
    job_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    status TEXT NOT NULL,
    start_time BIGINT NOT NULL,
    end_time BIGINT,
    message TEXT NOT NULL,
    PRIMARY KEY (job_id, seq),
    CONSTRAINT fk_job_transition_job_id FOREIGN KEY(job_id) REFERENCES job (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE TABLE saved_view (
    id INTEGER NOT NULL,
    uid TEXT NOT NULL,
    experiment_id INTEGER,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    spec_json TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_saved_view_uid UNIQUE (uid),
    CONSTRAINT fk_saved_view_experiment_id FOREIGN KEY(experiment_id) REFERENCES experiment (id) ON DELETE CASCADE
);

CREATE TABLE trial (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    experiment_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT,
    description TEXT,
    starred BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    modified_at BIGINT NOT NULL,
    modified_by TEXT NOT NULL,
    deleted_at BIGINT,
    deleted_with TEXT,
    version BIGINT NOT NULL,
    CONSTRAINT uq_trial_uid UNIQUE (uid),
    CONSTRAINT fk_trial_experiment_id FOREIGN KEY(experiment_id) REFERENCES experiment (id) ON DELETE CASCADE,
    CONSTRAINT uq_trial_name UNIQUE (name)
);

CREATE INDEX ix_trial_created ON trial (created_at, uid);

CREATE INDEX ix_trial_experiment ON trial (experiment_id);

CREATE TABLE trial_component (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT,
    description TEXT,
    kind TEXT NOT NULL,
    parent_id INTEGER,
    source_arn TEXT,
    status TEXT,
    status_message TEXT,
    start_time BIGINT,
    end_time BIGINT,
    heartbeat_no BIGINT NOT NULL,
    host TEXT,
    pid BIGINT,
    proc_start BIGINT,
    boot_id TEXT,
    env_id INTEGER,
    code_id INTEGER,
    starred BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    modified_at BIGINT NOT NULL,
    modified_by TEXT NOT NULL,
    deleted_at BIGINT,
    deleted_with TEXT,
    version BIGINT NOT NULL,
    params_json TEXT NOT NULL,
    CONSTRAINT uq_trial_component_uid UNIQUE (uid),
    CONSTRAINT uq_trial_component_name UNIQUE (name),
    CONSTRAINT fk_trial_component_parent_id FOREIGN KEY(parent_id) REFERENCES trial_component (id) ON DELETE SET NULL,
    CONSTRAINT fk_trial_component_env_id FOREIGN KEY(env_id) REFERENCES env (id) ON DELETE SET NULL,
    CONSTRAINT fk_trial_component_code_id FOREIGN KEY(code_id) REFERENCES code (id) ON DELETE SET NULL
);

CREATE INDEX ix_trial_component_created ON trial_component (created_at, uid);

CREATE INDEX ix_trial_component_parent ON trial_component (parent_id);

CREATE INDEX ix_trial_component_source ON trial_component (source_arn);

CREATE INDEX ix_trial_component_status ON trial_component (status);

CREATE TABLE component_artifact (
    component_id INTEGER NOT NULL,
    direction TEXT NOT NULL,
    name TEXT NOT NULL,
    artifact_id INTEGER NOT NULL,
    PRIMARY KEY (component_id, direction, name),
    CONSTRAINT fk_component_artifact_component_id FOREIGN KEY(component_id) REFERENCES trial_component (id) ON DELETE CASCADE,
    CONSTRAINT fk_component_artifact_artifact_id FOREIGN KEY(artifact_id) REFERENCES artifact (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_component_artifact_artifact ON component_artifact (artifact_id);

CREATE TABLE media (
    id INTEGER NOT NULL,
    component_id INTEGER NOT NULL,
    name_id INTEGER NOT NULL,
    step BIGINT NOT NULL,
    ts DOUBLE NOT NULL,
    kind TEXT NOT NULL,
    artifact_id INTEGER NOT NULL,
    preview BLOB,
    PRIMARY KEY (id),
    CONSTRAINT fk_media_component_id FOREIGN KEY(component_id) REFERENCES trial_component (id) ON DELETE CASCADE,
    CONSTRAINT fk_media_name_id FOREIGN KEY(name_id) REFERENCES name (id) ON DELETE CASCADE,
    CONSTRAINT fk_media_artifact_id FOREIGN KEY(artifact_id) REFERENCES artifact (id) ON DELETE CASCADE
);

CREATE INDEX ix_media_series ON media (component_id, name_id, step);

CREATE TABLE metric_series (
    id INTEGER NOT NULL,
    component_id INTEGER NOT NULL,
    name_id INTEGER NOT NULL,
    context_json TEXT NOT NULL,
    count BIGINT NOT NULL,
    n_nan BIGINT NOT NULL,
    first DOUBLE,
    last DOUBLE,
    last_step BIGINT NOT NULL,
    last_ts DOUBLE NOT NULL,
    min DOUBLE,
    min_step BIGINT,
    max DOUBLE,
    max_step BIGINT,
    mean DOUBLE,
    m2 DOUBLE,
    PRIMARY KEY (id),
    CONSTRAINT uq_metric_series_component_id_name_id_context_json UNIQUE (component_id, name_id, context_json),
    CONSTRAINT fk_metric_series_component_id FOREIGN KEY(component_id) REFERENCES trial_component (id) ON DELETE CASCADE,
    CONSTRAINT fk_metric_series_name_id FOREIGN KEY(name_id) REFERENCES name (id) ON DELETE CASCADE
);

CREATE INDEX ix_metric_series_last ON metric_series (name_id, last);

CREATE TABLE param (
    component_id INTEGER NOT NULL,
    name_id INTEGER NOT NULL,
    num DOUBLE,
    str TEXT,
    PRIMARY KEY (component_id, name_id),
    CONSTRAINT fk_param_component_id FOREIGN KEY(component_id) REFERENCES trial_component (id) ON DELETE CASCADE,
    CONSTRAINT fk_param_name_id FOREIGN KEY(name_id) REFERENCES name (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_param_num ON param (name_id, num);

CREATE INDEX ix_param_str ON param (name_id, str);

CREATE TABLE trial_trial_component (
    trial_id INTEGER NOT NULL,
    component_id INTEGER NOT NULL,
    PRIMARY KEY (trial_id, component_id),
    CONSTRAINT fk_trial_trial_component_trial_id FOREIGN KEY(trial_id) REFERENCES trial (id) ON DELETE CASCADE,
    CONSTRAINT fk_trial_trial_component_component_id FOREIGN KEY(component_id) REFERENCES trial_component (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_trial_trial_component_component ON trial_trial_component (component_id);

CREATE TABLE metric_block (
    series_id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    n BIGINT NOT NULL,
    n_nan BIGINT NOT NULL,
    reg BIGINT NOT NULL,
    stride BIGINT NOT NULL,
    step0 BIGINT NOT NULL,
    step1 BIGINT NOT NULL,
    ts0 DOUBLE NOT NULL,
    ts1 DOUBLE NOT NULL,
    first DOUBLE,
    last DOUBLE,
    min DOUBLE,
    min_step BIGINT,
    min_ts DOUBLE,
    max DOUBLE,
    max_step BIGINT,
    max_ts DOUBLE,
    sum DOUBLE,
    sumsq DOUBLE,
    data BLOB NOT NULL,
    PRIMARY KEY (series_id, seq),
    CONSTRAINT uq_metric_block_series_id_step0 UNIQUE (series_id, step0),
    CONSTRAINT fk_metric_block_series_id FOREIGN KEY(series_id) REFERENCES metric_series (id) ON DELETE CASCADE
);
