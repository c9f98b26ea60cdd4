using OpenCue.Storage.History;
using OpenCue.Storage.Tables;

namespace OpenCue.Storage.Recording;

/// <summary>The questions of a recording, the same in both databases.</summary>
internal sealed class RecordingSql(long fromMs, long toMs)
{
    /// <summary>Jobs with the names of show, group and facility.</summary>
    public SqlText Jobs()
    {
        var sql = new SqlText();
        var (from, to) = (sql.Value(fromMs), sql.Value(toMs));
        var live = string.Join(", ", JobTables.Job.Columns.Select(c => "j." + c.Name));
        return sql.Add($"SELECT {live}, coalesce(s.name, ''), coalesce(g.name, ''), coalesce(f.name, '') FROM job j ")
            .Add("LEFT JOIN show s ON s.id = j.show_id LEFT JOIN job_group g ON g.id = j.group_id LEFT JOIN facility f ON f.id = j.facility_id ")
            .Add($"WHERE j.state <> 2 AND j.submitted_at_ms >= {from} AND j.submitted_at_ms < {to} ")
            .Add($"UNION ALL SELECT {JobTables.Job.ColumnNames}, show_name, group_name, facility_name FROM job_history ")
            .Add($"WHERE submitted_at_ms >= {from} AND submitted_at_ms < {to}");
    }

    /// <summary>Their layers.</summary>
    public SqlText Layers()
    {
        var sql = new SqlText();
        var jobs = JobIds(sql);
        return sql.Add($"SELECT {JobTables.Layer.ColumnNames} FROM layer WHERE job_id IN ({jobs}) ")
            .Add($"UNION ALL SELECT {JobTables.Layer.ColumnNames} FROM layer_history WHERE job_id IN ({jobs})");
    }

    /// <summary>What they waited for.</summary>
    public SqlText Depends()
    {
        var sql = new SqlText();
        var jobs = JobIds(sql);
        return sql.Add($"SELECT {RunTables.Depend.ColumnNames} FROM depend WHERE er_job_id IN ({jobs}) ")
            .Add($"UNION ALL SELECT {RunTables.Depend.ColumnNames} FROM depend_history WHERE er_job_id IN ({jobs})");
    }

    /// <summary>Their runs that ended.</summary>
    public SqlText Runs()
    {
        var sql = new SqlText();
        var jobs = JobIds(sql);
        return sql.Add($"SELECT {RunTables.Run.ColumnNames} FROM run WHERE end_kind <> 0 AND layer_id IN ")
            .Add($"(SELECT id FROM layer WHERE job_id IN ({jobs}) UNION ALL SELECT id FROM layer_history WHERE job_id IN ({jobs}))");
    }

    /// <summary>A job from a row of <see cref="Jobs"/>.</summary>
    public static RecordedJob ReadJob(IRowReader reader) => new(JobTables.Job.Read(reader), reader.Text(), reader.Text(), reader.Text());

    private string JobIds(SqlText sql)
    {
        var (from, to) = (sql.Value(fromMs), sql.Value(toMs));
        return $"SELECT id FROM job WHERE state <> 2 AND submitted_at_ms >= {from} AND submitted_at_ms < {to} "
            + $"UNION ALL SELECT id FROM job_history WHERE submitted_at_ms >= {from} AND submitted_at_ms < {to}";
    }
}
