using OpenCue.Farm.Changes;
using OpenCue.Farm.Depends;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.History;

/// <summary>
/// How a job leaves the tables of the model. Job and layers move inside the commit: few rows. Their frames, perhaps a hundred thousand, would hold
/// up everybody's commits for long; the commit only notes the layers in <c>frame_move</c>, and the frames follow in small transactions
/// of their own. Until then they lie in <c>frame</c>, where loads pass over them and history queries find them.
/// </summary>
internal static class ArchiveSql
{
    /// <summary>Frames moved in one transaction: some milliseconds.</summary>
    public const int FramesPerMove = 500;

    /// <summary>The next layer whose frames have to leave: id, number of frames, whether they are kept.</summary>
    public const string NextMove = "SELECT layer_id, frame_count, keep FROM frame_move LIMIT 1";

    /// <summary>All layers whose frames have to leave.</summary>
    public const string AllMoves = "SELECT layer_id FROM frame_move";

    /// <summary>Notes that a layer's frames are gone. Parameter: the layer.</summary>
    public const string MoveDone = "DELETE FROM frame_move WHERE layer_id = $1";

    /// <summary>Deletes frames without keeping them. Parameters: layer, first ordinal, ordinal after the last.</summary>
    public const string DeleteFrames = "DELETE FROM frame WHERE layer_id = $1 AND ordinal >= $2 AND ordinal < $3";

    /// <summary>Counts the frames of a layer that have been moved. Parameter: the layer.</summary>
    public const string CountFrames =
        "UPDATE layer_history SET (succeeded_frames, eaten_frames, dead_frames) = ("
        + "SELECT count(*) FILTER (WHERE state = 3), count(*) FILTER (WHERE state = 6), count(*) FILTER (WHERE state = 5) "
        + "FROM frame_history WHERE layer_id = $1) WHERE id = $1";

    /// <summary>Copies frames to history with the names of their hosts. Parameters as <see cref="DeleteFrames"/>.</summary>
    public static string CopyFrames { get; } =
        $"INSERT INTO frame_history ({RunTables.Frame.ColumnNames}, host_name) "
        + $"SELECT {RunTables.Frame.ColumnNames}, coalesce((SELECT name FROM host_number WHERE number = frame.host_number), '') "
        + "FROM frame WHERE layer_id = $1 AND ordinal >= $2 AND ordinal < $3 ON CONFLICT DO NOTHING";

    /// <summary>Copies depends to history; the commit deletes them after it. Parameter: the depends.</summary>
    /// <param name="these">How the dialect compares an id with the depends in parameter 1: <c>= ANY($1)</c>, <c>= $1</c>.</param>
    public static string KeepDepends(string these) =>
        $"INSERT INTO depend_history ({RunTables.Depend.ColumnNames}) SELECT {RunTables.Depend.ColumnNames} FROM depend WHERE id {these} ON CONFLICT DO NOTHING";

    /// <summary>The depends that leave the model together with the jobs that the change set archives.</summary>
    public static IEnumerable<EntityId> LeavingDepends(ChangeSet changes) =>
        changes.ArchivedJobs.Count > 0 ? changes.Tables.OfType<RowChanges<DependRow>>().SelectMany(table => table.Deletes) : [];

    /// <summary>Moves jobs and layers to history. Parameters: the jobs, the time.</summary>
    /// <param name="these">How the dialect compares an id with the jobs in parameter 1: <c>= ANY($1)</c>, <c>= $1</c>.</param>
    public static IReadOnlyList<LeaveStatement> Archive(string these)
    {
        var job = string.Join(", ", JobTables.Job.Columns.Select(c => "j." + c.Name));
        var layer = string.Join(", ", JobTables.Layer.Columns.Select(c => "l." + c.Name));
        var usage = JobTables.LayerUsage.Columns.Skip(1).Select(c => c.Name).ToList();
        return
        [
            new($"INSERT INTO job_history ({JobTables.Job.ColumnNames}, show_name, group_name, department, facility_name, archived_at_ms) "
            + $"SELECT {job}, coalesce(s.name, ''), coalesce(g.name, ''), coalesce(g.department, ''), coalesce(f.name, ''), $2 FROM job j "
            + "LEFT JOIN show s ON s.id = j.show_id LEFT JOIN job_group g ON g.id = j.group_id LEFT JOIN facility f ON f.id = j.facility_id "
            + $"WHERE j.id {these}", WithTime: true),
            new($"INSERT INTO layer_history ({JobTables.Layer.ColumnNames}, {string.Join(", ", usage)}) "
            + $"SELECT {layer}, {string.Join(", ", usage.Select(c => $"coalesce(u.{c}, 0)"))} FROM layer l "
            + $"LEFT JOIN layer_usage u ON u.layer_id = l.id WHERE l.job_id {these}"),
            .. Leave(these, keep: true),
        ];
    }

    /// <summary>Deletes jobs and layers. Parameter: the jobs.</summary>
    /// <param name="these">As for <see cref="Archive"/>.</param>
    public static IReadOnlyList<LeaveStatement> Drop(string these) => [.. Leave(these, keep: false)];

    /// <summary>Marks frames for deletion whose layer has no row.</summary>
    /// <param name="layers">A query for ids and frame counts of layers.</param>
    public static string Disown(string layers) =>
        $"INSERT INTO frame_move (layer_id, frame_count, keep) SELECT f.id, f.frame_count, false FROM ({layers}) AS f "
        + "WHERE NOT EXISTS (SELECT 1 FROM layer WHERE layer.id = f.id) ON CONFLICT DO NOTHING";

    /// <summary>The layers whose new frames the change set holds, each with the ordinal after the last of these.</summary>
    public static IEnumerable<(EntityId Layer, int Frames)> LayersOf(ChangeSet changes) =>
        changes.NewFrames.GroupBy(f => f.Layer).Select(g => (g.Key, g.Max(f => f.Ordinal) + 1));

    private static IEnumerable<LeaveStatement> Leave(string these, bool keep) =>
    [
        new("INSERT INTO frame_move (layer_id, frame_count, keep) "
        + $"SELECT id, frame_count, {(keep ? "true" : "false")} FROM layer WHERE job_id {these} ON CONFLICT DO NOTHING"),
        new($"DELETE FROM layer_usage WHERE layer_id IN (SELECT id FROM layer WHERE job_id {these})"),
        new($"DELETE FROM layer WHERE job_id {these}"),
        new($"DELETE FROM job WHERE id {these}"),
    ];
}

/// <summary>A statement that is part of taking jobs away.</summary>
/// <param name="Sql">Its text; parameter 1 is the job or jobs.</param>
/// <param name="WithTime">True if parameter 2 is the time, ms since 1970.</param>
internal sealed record LeaveStatement(string Sql, bool WithTime = false);
