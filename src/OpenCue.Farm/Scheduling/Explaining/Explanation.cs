using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;

namespace OpenCue.Farm.Scheduling.Explaining;

/// <summary>
/// Finds out why something is as it is, in parts small enough for a farm of any size to go on meanwhile: <see cref="Begin"/>, then <see cref="Look(Job)"/>
/// at each of <see cref="Jobs"/> and <see cref="Look(Host)"/> at each of <see cref="Hosts"/>, then <see cref="Sum"/> for each of <see cref="Sums"/>, then
/// <see cref="End"/>. It changes nothing. Others may
/// change the farm in between; each part is right for its moment.
/// </summary>
/// <remarks>Only one explanation of a farm is made at a time: the scheduler's caches are not for several readers.</remarks>
public abstract class Explanation<TResult>
{
    /// <summary>The farm as it is now; set before each part.</summary>
    public required ExplainContext Context { get; set; }

    /// <summary>Jobs to look at, known after <see cref="Begin"/>.</summary>
    public virtual ICollection<Job> Jobs => Array.Empty<Job>();

    /// <summary>Hosts to look at, after the jobs, known after <see cref="Begin"/>.</summary>
    public virtual ICollection<Host> Hosts => Array.Empty<Host>();

    /// <summary>Finds what it is about, and forgets what it found before.</summary>
    /// <exception cref="FarmException">It is not there.</exception>
    public abstract void Begin();

    /// <summary>Looks at one job.</summary>
    public virtual void Look(Job job)
    {
    }

    /// <summary>Looks at one host.</summary>
    public virtual void Look(Host host)
    {
    }

    /// <summary>Number of parts in which it is put together, known after <see cref="Begin"/>.</summary>
    public virtual int Sums => 0;

    /// <summary>How many different needs each host is looked at for: what one host costs.</summary>
    public virtual int Needs => 1;

    /// <summary>Puts a part together.</summary>
    public virtual void Sum(int part)
    {
    }

    /// <summary>What was found.</summary>
    /// <exception cref="FarmException">What it is about has gone meanwhile.</exception>
    public abstract TResult End();

    /// <summary>All parts in one go: for tests, and for whoever has the farm for himself.</summary>
    public TResult Make()
    {
        Begin();
        foreach (var job in Jobs)
        {
            Look(job);
        }

        foreach (var host in Hosts)
        {
            Look(host);
        }

        for (var part = 0; part < Sums; part++)
        {
            Sum(part);
        }

        return End();
    }

    /// <summary>Throws if something left the farm while it was looked at.</summary>
    protected static void Expect(bool inFarm, string what)
    {
        if (!inFarm)
        {
            throw FarmException.NotFound($"{what} has left the farm meanwhile.");
        }
    }
}
