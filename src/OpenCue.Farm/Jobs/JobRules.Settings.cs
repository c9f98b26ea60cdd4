using System.Globalization;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Shows;

namespace OpenCue.Farm.Jobs;

public static partial class JobRules
{
    /// <summary>Stops or resumes booking; what runs goes on.</summary>
    public static void SetPaused(FarmEdit edit, Job job, bool paused) =>
        Change(edit, job, "paused", job.Row.Paused, paused, job.Row with { Paused = paused });

    /// <summary>Sets the priority: greater goes first.</summary>
    public static void SetPriority(FarmEdit edit, Job job, int priority) =>
        Change(edit, job, "priority", job.Row.Priority, priority, job.Row with { Priority = priority });

    /// <summary>Sets how often frames are tried again by themselves.</summary>
    public static void SetMaxRetries(FarmEdit edit, Job job, int retries)
    {
        // OpenCue's texts; the bounds themselves are allowed.
        var most = edit.Farm.Settings.MaxFrameRetries;
        if (retries < 0)
        {
            throw new FarmException(Refusal.Internal, "max retries must be greater than 0");
        }

        if (retries > most)
        {
            throw new FarmException(Refusal.Internal, $"max retries must be less than {most}");
        }

        Change(edit, job, "max retries", job.Row.MaxRetries, retries, job.Row with { MaxRetries = retries });
    }

    /// <summary>Says whether frames that fail are eaten. As in OpenCue that sets the retries too: none with it, one without.</summary>
    public static void SetAutoEat(FarmEdit edit, Job job, bool autoEat) =>
        Change(edit, job, "auto-eat", job.Row.AutoEat, autoEat, job.Row with { AutoEat = autoEat, MaxRetries = autoEat ? 0 : 1 });

    /// <summary>Sets what the job ought to have, core points.</summary>
    public static void SetMinCores(FarmEdit edit, Job job, int corePoints) =>
        Change(edit, job, "min core points", job.Row.MinCores, corePoints, job.Row with { MinCores = corePoints });

    /// <summary>Sets what the job may have at most, core points. What it has above that stays until its frames end.</summary>
    public static void SetMaxCores(FarmEdit edit, Job job, int corePoints) =>
        Change(edit, job, "max core points", job.Row.MaxCores, corePoints, job.Row with { MaxCores = corePoints });

    /// <summary>Sets how many GPUs the job ought to have.</summary>
    public static void SetMinGpus(FarmEdit edit, Job job, int gpus) =>
        Change(edit, job, "min GPUs", job.Row.MinGpus, gpus, job.Row with { MinGpus = gpus });

    /// <summary>Sets how many GPUs the job may have at most.</summary>
    public static void SetMaxGpus(FarmEdit edit, Job job, int gpus) =>
        Change(edit, job, "max GPUs", job.Row.MaxGpus, gpus, job.Row with { MaxGpus = gpus });

    /// <summary>Moves the job to another group of its show; it takes over what that group gives to its jobs.</summary>
    public static void SetGroup(FarmEdit edit, Job job, Group group)
    {
        if (group.Show != job.Show)
        {
            throw new FarmException(Refusal.Internal, "error moving job, cannot move jobs between shows");
        }

        var (row, to) = (job.Row, group.Row);
        Change(edit, job, "group", job.Group.Row.Name, to.Name, row with
        {
            GroupId = group.Id,
            Priority = to.DefaultJobPriority == -1 ? row.Priority : to.DefaultJobPriority,
            MinCores = to.DefaultJobMinCores == -1 ? row.MinCores : to.DefaultJobMinCores,
            MaxCores = to.DefaultJobMaxCores == -1 ? row.MaxCores : to.DefaultJobMaxCores,
            MinGpus = to.DefaultJobMinGpus == -1 ? row.MinGpus : to.DefaultJobMinGpus,
            MaxGpus = to.DefaultJobMaxGpus == -1 ? row.MaxGpus : to.DefaultJobMaxGpus,
        });
    }

    /// <summary>Adds an address that gets a mail when the job ends.</summary>
    public static void AddSubscriber(FarmEdit edit, Job job, string address)
    {
        var all = (job.Row.Email ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Append(address.Trim())
            .Where(a => a.Length > 0)
            .Distinct(StringComparer.OrdinalIgnoreCase);
        var email = string.Join(',', all);
        Change(edit, job, "subscribers", job.Row.Email, email, job.Row with { Email = email });
    }

    private static void Change<T>(FarmEdit edit, Job job, string what, T from, T to, JobRow row)
    {
        if (!row.Equals(job.Row))
        {
            edit.Set(job, row);
            edit.Emit(
                FarmEventKind.SettingChanged, job.Id, job.Id,
                reason: string.Create(CultureInfo.InvariantCulture, $"{what} of job {job.Row.Name}: {from} -> {to}"));
        }
    }
}
