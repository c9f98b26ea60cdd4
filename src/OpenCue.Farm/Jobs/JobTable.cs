using System.Diagnostics.CodeAnalysis;

namespace OpenCue.Farm.Jobs;

/// <summary>All jobs in the model, by id and, as long as they hold their name, by name.</summary>
public sealed class JobTable
{
    private readonly Dictionary<EntityId, Job> _byId = [];
    private readonly Dictionary<string, Job> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<EntityId, Job> _postJobByParent = [];
    private readonly SortedDictionary<(long StoppedAtMs, EntityId Id), Job> _finished = [];
    private readonly SortedDictionary<(long StoppedAtMs, EntityId Id), Job> _restless = [];

    /// <summary>All, those in submission too.</summary>
    public Dictionary<EntityId, Job>.ValueCollection All => _byId.Values;

    /// <summary>Those that are finished, those first that finished first.</summary>
    public IEnumerable<Job> Finished => _finished.Values;

    /// <summary>Finished jobs that have layers of whose frames it is not noted that they are at rest, those first that finished first.</summary>
    public IEnumerable<Job> Restless => _restless.Values;

    /// <summary>How many there are.</summary>
    public int Count => _byId.Count;

    /// <summary>The job with this id, or null.</summary>
    public Job? Find(EntityId id) => _byId.GetValueOrDefault(id);

    /// <summary>The job that holds this name, or null. Also one that is being submitted.</summary>
    public Job? FindByName(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The post job of the job with this id, or null.</summary>
    public Job? FindPostJobOf(EntityId parent) => _postJobByParent.GetValueOrDefault(parent);

    /// <summary>The job with this id.</summary>
    public bool TryGet(EntityId id, [NotNullWhen(true)] out Job? job) => _byId.TryGetValue(id, out job);

    internal void Add(Job job)
    {
        _byId.Add(job.Id, job);
        if (job.Row.HoldsName)
        {
            _byName.Add(job.Row.Name, job);
        }

        if (job.Row.PostJobOf is { } parent)
        {
            _postJobByParent.Add(parent, job);
        }

        if (job.Row.State == JobState.Finished)
        {
            _finished.Add(Place(job.Row), job);
        }

        RestChanged(job);
    }

    internal void Remove(Job job)
    {
        _byId.Remove(job.Id);
        if (job.Row.HoldsName)
        {
            _byName.Remove(job.Row.Name);
        }

        if (job.Row.PostJobOf is { } parent)
        {
            _postJobByParent.Remove(parent);
        }

        _finished.Remove(Place(job.Row));
        _restless.Remove(Place(job.Row));
    }

    internal void RowChanged(Job job, JobRow old)
    {
        if (old.State != job.Row.State || old.StoppedAtMs != job.Row.StoppedAtMs)
        {
            _finished.Remove(Place(old));
            _restless.Remove(Place(old));
            if (job.Row.State == JobState.Finished)
            {
                _finished.Add(Place(job.Row), job);
            }

            RestChanged(job);
        }

        if (old.HoldsName == job.Row.HoldsName && old.Name == job.Row.Name)
        {
            return;
        }

        if (old.HoldsName)
        {
            _byName.Remove(old.Name);
        }

        if (job.Row.HoldsName)
        {
            _byName.Add(job.Row.Name, job);
        }
    }

    /// <summary>Says that the job's layers, or which of them are at rest, may have changed.</summary>
    internal void RestChanged(Job job)
    {
        if (job.Row.State == JobState.Finished && job.RestingLayers < job.Layers.Count)
        {
            _restless[Place(job.Row)] = job;
        }
        else
        {
            _restless.Remove(Place(job.Row));
        }
    }

    private static (long StoppedAtMs, EntityId Id) Place(JobRow row) => (row.StoppedAtMs, row.Id);
}
