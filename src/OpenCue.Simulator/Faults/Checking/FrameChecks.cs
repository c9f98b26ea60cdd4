using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Simulator.Faults.Servers;
using OpenCue.Simulator.Faults.World;

namespace OpenCue.Simulator.Faults.Checking;

/// <summary>
/// No frame is lost by what a commit says: a frame becomes what the end of a run, or a person, made of it, a job ends when its frames are done, and what
/// only time decides is a rule's doing and recorded.
/// </summary>
internal sealed class FrameChecks(SimWorld world, StoreMirror stored)
{
    private readonly HashSet<EntityId> _eatenByPeople = [];

    /// <summary>A person asked to do without a frame.</summary>
    public void Eaten(EntityId frame) => _eatenByPeople.Add(frame);

    /// <summary>Looks at a change set that is not in the mirror yet.</summary>
    public void Check(SimServer server, ChangeSet changes)
    {
        var ends = changes.EndedRuns.ToLookup(run => run.LayerId.Frame(run.FrameOrdinal));
        foreach (var row in changes.Frames)
        {
            var frame = row.Layer.Frame(row.Ordinal);
            if (stored.Frames.TryGetValue(frame, out var before) && before.State != row.Value.State)
            {
                CheckFrame(changes, row, frame, ends[frame].ToArray());
            }
        }

        foreach (var run in changes.EndedRuns)
        {
            CheckAssumption(changes, run);
        }

        foreach (var host in changes.Table<HostRow>().Upserts)
        {
            CheckHost(server, host);
        }
    }

    /// <summary>Looks at the jobs that a change set ended; it is in the mirror by now.</summary>
    public void CheckJobs(ChangeSet changes)
    {
        foreach (var job in changes.Table<JobRow>().Upserts.Where(j => j is { State: JobState.Finished, Killed: false }))
        {
            foreach (var layer in stored.Layers.Values.Where(l => l.JobId == job.Id))
            {
                for (var i = 0; i < layer.FrameCount; i++)
                {
                    if (stored.Frames[layer.Id.Frame(i)].State is not (FrameState.Succeeded or FrameState.Eaten) and var state)
                    {
                        world.Break("P1", $"{job.Name} is stored as finished, and {world.Truth.Frame(layer.Id.Frame(i))} of it is {state}");
                    }
                }
            }
        }
    }

    private void CheckFrame(ChangeSet changes, FrameRow row, EntityId frame, RunRow[] ends)
    {
        var layer = changes.Table<LayerRow>().Upserts.Find(l => l.Id == row.Layer) ?? stored.Layers[row.Layer];
        var isMade = row.Value.State switch
        {
            FrameState.Succeeded => ends.Any(e => e is { End: RunEnd.Completed, ExitStatus: 0, ExitSignal: 0 }),
            FrameState.Dead => ends.Any(e => e.End is RunEnd.Completed or not RunEnd.NeverStarted && e.ExitStatus != 0),
            FrameState.Eaten => _eatenByPeople.Contains(frame) || (stored.Jobs.TryGetValue(layer.JobId, out var job) && job.AutoEat && ends.Length > 0),
            _ => true,
        };
        if (!isMade)
        {
            world.Break("P1", $"{world.Truth.Frame(frame)} is stored as {row.Value.State}, and no run of it and no person made it that");
        }

        if (row.Value.State == FrameState.Succeeded && ends.All(e => world.Truth.RendersOf(e.Id).All(r => r is { IsOfLostTime: false, ExitStatus: not 0 })))
        {
            world.Break("P1", $"{world.Truth.Frame(frame)} is stored as succeeded, and no run of it that ended did");
        }
    }

    private void CheckAssumption(ChangeSet changes, RunRow run)
    {
        if (run.End is not (RunEnd.AssumedLost or RunEnd.AcceptedByPerson))
        {
            return;
        }

        if (!changes.Events.Exists(e => e.Kind == FarmEventKind.RunAssumedEnded && e.Subject == run.Id))
        {
            world.Break("P2", $"{world.Truth.Name(run.Id)} is stored as {run.End}, and nobody is told that this was assumed");
        }

        // Its host may have shown it to be gone in the same batch.
        var old = changes.Table<Farm.Runs.OldRunRow>();
        if (!old.Upserts.Exists(row => row.Id == run.Id) && !old.Deletes.Contains(run.Id))
        {
            world.Break("P2", $"{world.Truth.Name(run.Id)} is stored as {run.End}, and not that it may live on");
        }

        if (run.End == RunEnd.AssumedLost && stored.Layers[run.LayerId].OnHostLost != OnHostLost.Retry)
        {
            world.Break("P2", $"{world.Truth.Name(run.Id)} is given up for lost, and its layer says {stored.Layers[run.LayerId].OnHostLost}");
        }
    }

    private void CheckHost(SimServer server, HostRow host)
    {
        if (host.State == HardwareState.Down && stored.Hosts.TryGetValue(host.Id, out var before) && before.State == HardwareState.Up)
        {
            // A machine that was given another domain is not believed before its former name was silent for long.
            var isRenamed = !string.Equals(world.FindHost(host.Name)?.ReportedName, host.Fqdn, StringComparison.OrdinalIgnoreCase);
            var silence = world.Truth.SilenceMs(server, host.Name);
            if (!isRenamed && silence < world.Settings.HostDownAfterMs - 1000)
            {
                world.Break("P6", $"{host.Name} is stored as DOWN after {silence / 1000} s without a report");
            }
        }
    }
}
