using OpenCue.Farm.Jobs;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.History;

/// <summary>The questions to history, the same in both databases.</summary>
internal static class HistorySql
{
    private static readonly string LayerColumns =
        JobTables.Layer.ColumnNames + ", id, " + string.Join(", ", JobTables.LayerUsage.Columns.Skip(1).Select(c => c.Name));

    /// <summary>Runs that ended, the latest first.</summary>
    public static SqlText Runs(RunQuery query)
    {
        var sql = new SqlText();
        sql.Add($"SELECT {RunTables.Run.ColumnNames} FROM run WHERE end_kind <> 0");
        if (query.Layer is { } layer)
        {
            sql.Add($" AND layer_id = {sql.Value(layer)}");
        }

        if (query.FrameOrdinal is { } ordinal)
        {
            sql.Add($" AND frame_ordinal = {sql.Value(ordinal)}");
        }

        if (query.Job is { } job)
        {
            // Runs are found by layer: an index by job as well would cost every booking for a question that is seldom asked.
            var id = sql.Value(job);
            sql.Add($" AND layer_id IN (SELECT id FROM layer WHERE job_id = {id} UNION ALL SELECT id FROM layer_history WHERE job_id = {id})");
        }

        if (query.Host is { } host)
        {
            sql.Add($" AND host_id = {sql.Value(host)}");
        }

        if (query.Before is { } before)
        {
            sql.Add($" AND (ended_at_ms, id) < ({sql.Value(before.EndedAtMs)}, {sql.Value(before.Id)})");
        }

        return sql.Add($" ORDER BY ended_at_ms DESC, id DESC LIMIT {sql.Value(query.Limit)}");
    }

    /// <summary>Archived jobs with the time when they were archived, the latest first.</summary>
    public static SqlText Jobs(ArchivedJobQuery query)
    {
        var sql = new SqlText();
        return ChooseJobs(sql, query, JobTables.Job.ColumnNames + ", archived_at_ms");
    }

    /// <summary>The layers, with what they used, of the jobs that <see cref="Jobs"/> gives.</summary>
    public static SqlText Layers(ArchivedJobQuery query)
    {
        var sql = new SqlText();
        sql.Add($"SELECT {LayerColumns} FROM layer_history WHERE job_id IN (SELECT id FROM (");
        return ChooseJobs(sql, query, "id").Add(") AS chosen) ORDER BY dispatch_order, id");
    }

    /// <summary>
    /// Frames of an archived layer by ordinal. Those that were not moved to history yet are found where they still lie.
    /// </summary>
    public static SqlText Frames(EntityId layer, int first, int count)
    {
        var sql = new SqlText();
        var (id, from) = (sql.Value(layer), sql.Value(first));
        var columns = RunTables.Frame.ColumnNames;
        return sql.Add($"SELECT {columns} FROM (SELECT {columns} FROM frame_history WHERE layer_id = {id} AND ordinal >= {from} ")
            .Add($"UNION ALL SELECT {columns} FROM frame WHERE layer_id = {id} AND ordinal >= {from} ")
            .Add($"AND EXISTS (SELECT 1 FROM frame_move WHERE layer_id = {id} AND keep)) AS both_places ")
            .Add($"ORDER BY ordinal LIMIT {sql.Value(count)}");
    }

    /// <summary>An archived job from a row of <see cref="Jobs"/>.</summary>
    public static (JobRow Job, long ArchivedAtMs) ReadJob(IRowReader reader) => (JobTables.Job.Read(reader), reader.Long());

    /// <summary>An archived layer from a row of <see cref="Layers"/>.</summary>
    public static ArchivedLayer ReadLayer(IRowReader reader) => new(JobTables.Layer.Read(reader), JobTables.LayerUsage.Read(reader));

    /// <summary>Jobs and layers, joined.</summary>
    public static IReadOnlyList<ArchivedJob> Join(IEnumerable<(JobRow Job, long ArchivedAtMs)> jobs, IEnumerable<ArchivedLayer> layers)
    {
        var byJob = layers.ToLookup(l => l.Layer.JobId);
        return [.. jobs.Select(j => new ArchivedJob(j.Job, [.. byJob[j.Job.Id]], j.ArchivedAtMs))];
    }

    private static SqlText ChooseJobs(SqlText sql, ArchivedJobQuery query, string columns)
    {
        sql.Add($"SELECT {columns} FROM job_history WHERE true");
        if (query.Id is { } id)
        {
            sql.Add($" AND id = {sql.Value(id)}");
        }

        if (query.Name is { } name)
        {
            sql.Add($" AND name = {sql.Value(name)}");
        }

        if (query.Show is { } show)
        {
            sql.Add($" AND show_id = {sql.Value(show)}");
        }

        if (query.Before is { } before)
        {
            sql.Add($" AND (archived_at_ms, id) < ({sql.Value(before.ArchivedAtMs)}, {sql.Value(before.Id)})");
        }

        return sql.Add($" ORDER BY archived_at_ms DESC, id DESC LIMIT {sql.Value(query.Limit)}");
    }
}
