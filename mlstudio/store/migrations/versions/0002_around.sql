ALTER TABLE experiment ADD COLUMN archived_at BIGINT;

ALTER TABLE trial ADD COLUMN archived_at BIGINT;

ALTER TABLE code RENAME COLUMN dirty_diff_artifact TO diff_sha256;

ALTER TABLE code ADD COLUMN diff_size BIGINT;

ALTER TABLE env ADD COLUMN variables_json TEXT DEFAULT '{}' NOT NULL;

CREATE TABLE new_trial_component (
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
    archived_at BIGINT,
    params_json TEXT NOT NULL,
    CONSTRAINT uq_trial_component_uid UNIQUE (uid),
    CONSTRAINT uq_trial_component_name UNIQUE (name),
    CONSTRAINT fk_trial_component_parent_id FOREIGN KEY(parent_id) REFERENCES trial_component (id) ON DELETE SET NULL,
    CONSTRAINT fk_trial_component_env_id FOREIGN KEY(env_id) REFERENCES env (id) ON DELETE SET NULL,
    CONSTRAINT fk_trial_component_code_id FOREIGN KEY(code_id) REFERENCES code (id) ON DELETE SET NULL
);

INSERT INTO new_trial_component
SELECT id, uid, name, display_name, description, kind, parent_id, source_arn, status, status_message, start_time,
    end_time, heartbeat_no, host, pid, proc_start, boot_id, env_id, code_id, starred, created_at, created_by,
    modified_at, modified_by, deleted_at, deleted_with, version, NULL, params_json
FROM trial_component ORDER BY id;

DELETE FROM sqlite_sequence WHERE name = 'new_trial_component';

INSERT INTO sqlite_sequence (name, seq)
SELECT 'new_trial_component', seq FROM sqlite_sequence WHERE name = 'trial_component';

DROP TABLE trial_component;

ALTER TABLE new_trial_component RENAME TO trial_component;

CREATE INDEX ix_trial_component_created ON trial_component (created_at, uid);

CREATE INDEX ix_trial_component_parent ON trial_component (parent_id);

CREATE INDEX ix_trial_component_source ON trial_component (source_arn);

CREATE INDEX ix_trial_component_status ON trial_component (status);

CREATE INDEX ix_artifact_uri ON artifact (uri);

DROP TABLE media;

CREATE TABLE media (
    id INTEGER NOT NULL,
    component_id INTEGER NOT NULL,
    name_id INTEGER NOT NULL,
    step BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    ts DOUBLE NOT NULL,
    kind TEXT NOT NULL,
    caption TEXT,
    artifact_id INTEGER NOT NULL,
    preview_type TEXT,
    preview BLOB,
    PRIMARY KEY (id),
    CONSTRAINT uq_media_component_id_name_id_step_seq UNIQUE (component_id, name_id, step, seq),
    CONSTRAINT fk_media_component_id FOREIGN KEY(component_id) REFERENCES trial_component (id) ON DELETE CASCADE,
    CONSTRAINT fk_media_name_id FOREIGN KEY(name_id) REFERENCES name (id) ON DELETE CASCADE,
    CONSTRAINT fk_media_artifact_id FOREIGN KEY(artifact_id) REFERENCES artifact (id) ON DELETE CASCADE
);

CREATE INDEX ix_media_artifact ON media (artifact_id);

DROP TABLE saved_view;

CREATE TABLE saved_view (
    id INTEGER NOT NULL,
    uid TEXT NOT NULL,
    experiment_id INTEGER NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    modified_by TEXT NOT NULL,
    version BIGINT NOT NULL,
    spec_json TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_saved_view_experiment_id_name UNIQUE (experiment_id, name),
    CONSTRAINT uq_saved_view_uid UNIQUE (uid),
    CONSTRAINT fk_saved_view_experiment_id FOREIGN KEY(experiment_id) REFERENCES experiment (id) ON DELETE CASCADE
);

CREATE TABLE origin (
    kind TEXT NOT NULL,
    source_id TEXT NOT NULL,
    component_uid TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (kind, source_id)
)
 WITHOUT ROWID;

CREATE INDEX ix_origin_component ON origin (component_uid);

DROP TABLE audit;

CREATE TABLE audit (
    id INTEGER NOT NULL,
    at BIGINT NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    entity_kind TEXT NOT NULL,
    entity_uid TEXT NOT NULL,
    entity_name TEXT NOT NULL,
    before_json TEXT,
    after_json TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX ix_audit_entity ON audit (entity_uid);

CREATE INDEX ix_metric_series_context ON metric_series (name_id) WHERE context_json <> '{}';
