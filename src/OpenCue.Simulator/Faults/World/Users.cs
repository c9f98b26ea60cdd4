using OpenCue.Cuebot.Api;
using OpenCue.Engine;
using OpenCue.Farm.Changes;
using OpenCue.Farm.Hosts;
using OpenCue.Farm.Jobs;
using OpenCue.Farm.Jobs.Submitting;
using OpenCue.Farm.Limits;
using OpenCue.Farm.Operations;
using OpenCue.Farm.Runs;
using OpenCue.Simulator.Faults.Checking;
using OpenCue.Simulator.Faults.Servers;
using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.Simulator.Faults.World;

/// <summary>People who submit and act. What they are told is kept, to be held against the store.</summary>
internal sealed class Users(SimWorld world)
{
    private const string Licence = "licence";

    private static readonly Actor Artist = new(ActorKind.User, "artist");

    private readonly Chance _chance = Chance.Of(world.Plan.Seed, "users");
    private readonly Dictionary<string, SimServer> _acting = new(StringComparer.Ordinal);
    private int _jobs;
    private bool _isOpen;

    /// <summary>Prepares the farm: a limit, and the first jobs.</summary>
    public void Begin(int jobs)
    {
        Act("limit", "the limit was added", edit =>
        {
            LimitRules.Create(edit, Licence, 6);
            return _ => true;
        });
        for (var i = 0; i < jobs; i++)
        {
            Submit();
        }
    }

    /// <summary>Submits a job.</summary>
    public void Submit()
    {
        if (world.Server is { } server)
        {
            var document = Document(++_jobs);
            server.Threads.Begin(() => SubmitAsync(server, document));
        }
    }

    /// <summary>Pauses a job that is not, and resumes one that is.</summary>
    public void Pause(int target) => OnJob(target, (edit, job) =>
    {
        var paused = !job.Row.Paused;
        JobRules.SetPaused(edit, job, paused);
        var id = job.Id;
        return stored => !stored.Jobs.TryGetValue(id, out var row) || row.Paused == paused;
    }, "paused");

    /// <summary>Sets a job's priority.</summary>
    public void SetPriority(int target, int priority) => OnJob(target, (edit, job) =>
    {
        JobRules.SetPriority(edit, job, priority);
        var id = job.Id;
        return stored => !stored.Jobs.TryGetValue(id, out var row) || row.Priority == priority;
    }, "priority");

    /// <summary>Sets the most cores of a job.</summary>
    public void SetMaxCores(int target, int corePoints) => OnJob(target, (edit, job) =>
    {
        JobRules.SetMaxCores(edit, job, corePoints);
        var id = job.Id;
        return stored => !stored.Jobs.TryGetValue(id, out var row) || row.MaxCores == corePoints;
    }, "max cores");

    /// <summary>Sets the burst of all subscriptions.</summary>
    public void SetBurst(int corePoints) => Act("burst", $"the burst is {corePoints}", edit =>
    {
        foreach (var subscription in edit.Farm.Subscriptions.Values)
        {
            edit.Set(subscription, subscription.Row with { Burst = corePoints });
        }

        return stored => stored.Subscriptions.Values.All(s => s.Burst == corePoints);
    });

    /// <summary>Sets the limit, and what its tokens are for.</summary>
    public void SetLimit(int target, int most) => Act("limit", $"the limit is {most}", edit =>
    {
        if (edit.Farm.Limits.Find(Licence) is { } limit)
        {
            LimitRules.Change(edit, limit, maxValue: most, kind: target % 4 == 0 ? (LimitKind)(target / 4 % 3) : limit.Row.Kind);
        }

        return stored => stored.Limits.Values.All(limit => limit.MaxValue == most);
    });

    /// <summary>Kills, retries or eats a frame.</summary>
    public void OnFrame(BulkKind kind, int target) =>
        Act("frames", $"{kind} of a frame", edit =>
        {
            if (Frame(edit.Farm, target, kind) is not { } place)
            {
                return _ => true;
            }

            var (layer, ordinal) = place;
            if (kind == BulkKind.Eat)
            {
                world.Truth.EatenByPerson(layer.FrameId(ordinal));
            }

            FrameActions.Request(edit, kind, layer.Job, [new FrameSpan(layer.Id, ordinal, 1)], "because", "artist");
            return IsDone(layer, ordinal);
        });

    /// <summary>Kills a job.</summary>
    public void KillJob(int target) => OnJob(target, (edit, job) =>
    {
        var (id, runs) = (job.Id, job.Layers.SelectMany(l => l.Runs.Values).Select(r => r.Id).ToArray());
        JobRules.Kill(edit, job, "artist", "because");
        return stored => (!stored.Jobs.TryGetValue(id, out var row) || row.StoppedAtMs > 0)
            && (runs.All(stored.IsOver) || stored.Operations.Values.Any(o => o.JobId == id));
    }, "killed");

    /// <summary>Retries all frames of a job.</summary>
    public void RetryJob(int target) => OnJob(target, (edit, job) =>
    {
        FrameActions.Request(edit, BulkKind.Retry, job, [.. job.Layers.Select(FrameSpans.All)], "because", "artist");
        var done = job.Layers.SelectMany(layer => Enumerable.Range(0, layer.FrameCount).Select(i => IsDone(layer, i))).ToArray();
        return stored => done.All(holds => holds(stored));
    }, "retried");

    /// <summary>Unbooks a proc.</summary>
    public void Unbook(int target, bool kill) => Act("procs", "a proc was unbooked", edit =>
    {
        var procs = edit.Farm.Procs.Values.OrderBy(p => p.Id).ToArray();
        if (procs.Length == 0)
        {
            return _ => true;
        }

        var proc = procs[target % procs.Length];
        var id = proc.Id;
        EntityId? killed = null;
        ProcRules.Unbook(edit, proc);
        if (kill && proc.Run is { } run)
        {
            killed = run.Id;
            FrameOperations.Kill(edit, run.Layer, run.Ordinal, "artist", "unbooked");
        }

        return stored => (!stored.Procs.TryGetValue(id, out var row) || row.Unbooked) && (killed is null || stored.IsOver(killed.Value));
    });

    /// <summary>Locks a host that is not, and unlocks one that is.</summary>
    public void Lock(int target)
    {
        var name = world.Hosts[target % world.Hosts.Count].Name;
        Act($"lock {name}", $"{name} was locked or unlocked", edit =>
        {
            if (edit.Farm.Hosts.Find(name) is not { } host)
            {
                return _ => true;
            }

            var (locked, id) = (!host.Row.Locked, host.Id);
            if (locked)
            {
                HostRules.Lock(edit, host);
            }
            else
            {
                HostRules.Unlock(edit, host);
            }

            return stored => stored.Hosts[id].Locked == locked;
        });
    }

    /// <summary>Says how many procs a host may have; 0 is any number.</summary>
    public void CapHost(int target, int most)
    {
        var name = world.Hosts[target % world.Hosts.Count].Name;
        Act($"procs of {name}", $"{name} may have {most} procs", edit =>
        {
            if (edit.Farm.Hosts.Find(name) is not { } host)
            {
                return _ => true;
            }

            var id = host.Id;
            edit.Set(host, host.Row with { MaxProcs = most });
            return stored => stored.Hosts[id].MaxProcs == most;
        });
    }

    /// <summary>Accepts that an unknown run has ended, if the artist knows that it has.</summary>
    public void AcceptEnd(int target) => Act("accept", "an end was accepted", edit =>
    {
        var unknown = edit.Farm.Runs.Values.Where(r => r.Row.Phase == RunPhase.Unknown).OrderBy(r => r.Id).ToArray();
        if (unknown.Length == 0)
        {
            return _ => true;
        }

        var run = unknown[target % unknown.Length];
        RunRules.AcceptEnded(edit, run);
        return stored => stored.Ended.ContainsKey(run.Id);
    });

    /// <summary>Takes back all that keeps work from running; tries again until a server has done it.</summary>
    public void OpenEverything()
    {
        world.Acknowledge.ForgetAll();
        Act("open", "everything was opened", edit =>
        {
            foreach (var subscription in edit.Farm.Subscriptions.Values)
            {
                edit.Set(subscription, subscription.Row with { Burst = 100_000 });
            }

            if (edit.Farm.Limits.Find(Licence) is { } limit)
            {
                LimitRules.Change(edit, limit, maxValue: 50);
            }

            if (world.Tally.Of("databases restored") > 0)
            {
                world.Truth.StraysAllowed = true;
                RunRules.AllowStrayKills(edit);
            }

            foreach (var host in edit.Farm.Hosts.All)
            {
                HostRules.Unlock(edit, host);
                edit.Set(host, host.Row with { MaxProcs = 0 });
            }

            foreach (var job in edit.Farm.Jobs.All)
            {
                JobRules.SetPaused(edit, job, false);
                JobRules.SetMaxCores(edit, job, 20_000);
            }

            foreach (var layer in edit.Farm.Layers.Values)
            {
                if (layer.Row.StartAfterMs > edit.Now.WallMs)
                {
                    edit.Set(layer, layer.Row with { StartAfterMs = 0 });
                }
            }

            return _ => true;
        }, () => _isOpen = true);
        world.Events.After(1000, () =>
        {
            if (!_isOpen)
            {
                OpenEverything();
            }
        });
    }

    /// <summary>Does something, unless an earlier action on the same thing is still under way.</summary>
    private void Act(string thing, string what, Func<FarmEdit, Func<StoreMirror, bool>> rule, Action? done = null)
    {
        if (world.Server is not { } server || (_acting.TryGetValue(thing, out var acting) && acting.IsAlive))
        {
            return;
        }

        world.Tally.Add("actions");
        world.Acknowledge.Forget(thing);
        _acting[thing] = server;
        server.Threads.Begin(async () =>
        {
            try
            {
                var holds = await server.Engine.ExecuteAsync(CommandClass.UserAction, Artist, rule, CancellationToken.None, what);
                world.Acknowledge.Add(thing, what, holds);
                done?.Invoke();
            }
            catch (Exception e) when (e is FarmException or EngineUnavailableException)
            {
                world.Tally.Add("actions refused");
            }
            catch (CommandFailedException defect)
            {
                world.Break("DEFECT", defect.Message);
            }

            _acting.Remove(thing);
        });
    }

    private void OnJob(int target, Func<FarmEdit, Job, Func<StoreMirror, bool>> rule, string property)
    {
        var number = 1 + (target % Math.Max(1, _jobs));
        Act($"job {number} {property}", $"{property} of job {number}", edit =>
            edit.Farm.Jobs.FindByName(FullName(number)) is { } job && job.Row.State == JobState.Pending ? rule(edit, job) : _ => true);
    }

    /// <summary>What was asked for a frame is done, or noted: its run is ordered killed, or it is at least as far as it is now.</summary>
    private static Func<StoreMirror, bool> IsDone(Layer layer, int ordinal)
    {
        var (frame, version) = (layer.FrameId(ordinal), layer.Frames[ordinal].Version);
        return layer.Runs.TryGetValue(ordinal, out var run) && run.Id is var id
            ? stored => stored.IsOver(id)
            : stored => stored.Frames[frame].Version >= version;
    }

    private static (Layer Layer, int Ordinal)? Frame(FarmModel farm, int target, BulkKind kind)
    {
        // People kill and retry what runs more often than what does not.
        var runs = farm.Runs.Values.OrderBy(r => r.Id).ToArray();
        if (runs.Length > 0 && (kind == BulkKind.Kill || target % 3 != 0))
        {
            var run = target % 5 == 0 ? runs[^1] : runs[target % runs.Length];
            return (run.Layer, run.Ordinal);
        }

        var layers = farm.Layers.Values.Where(l => l.Job.Row.State == JobState.Pending).OrderBy(l => l.Id).ToArray();
        if (layers.Length == 0)
        {
            return null;
        }

        var layer = layers[target % layers.Length];
        return (layer, target / 7 % layer.Frames.Length);
    }

    private async Task SubmitAsync(SimServer server, JobSpecDocument document)
    {
        Submission? begun = null;
        try
        {
            var submission = begun = await server.Engine.ExecuteAsync(
                CommandClass.UserAction, Artist, edit => Submission.Begin(edit, document), CancellationToken.None, "BeginLaunch");
            while (await server.Engine.ExecuteAsync(CommandClass.UserAction, Artist, submission.Step, CancellationToken.None, "StepLaunch"))
            {
            }

            var jobs = await server.Engine.ExecuteAsync(
                CommandClass.UserAction,
                Artist,
                edit =>
                {
                    var active = submission.Activate(edit);
                    foreach (var layer in active.SelectMany(j => j.Layers))
                    {
                        edit.Set(layer, layer.Row with { OnHostLost = layer.Row.Name.EndsWith('0') ? OnHostLost.Wait : OnHostLost.Retry });
                    }

                    return active.Select(j => (j.Id, j.Row.Name, Frames: j.Layers.SelectMany(l => Enumerable.Range(0, l.FrameCount).Select(l.FrameId)).ToArray())).ToArray();
                },
                CancellationToken.None,
                "ActivateLaunch");
            foreach (var (id, name, frames) in jobs)
            {
                world.Tally.Add("jobs submitted");
                world.Acknowledge.Add($"submission of {name}", $"{name} was submitted", stored => stored.Jobs.ContainsKey(id) && frames.All(stored.Frames.ContainsKey));
            }
        }
        catch (Exception e) when (e is FarmException or EngineUnavailableException)
        {
            world.Tally.Add("submissions refused");
            if (begun is not null && server.IsAlive)
            {
                await DropAsync(server, begun);
            }
        }
    }

    private static async Task DropAsync(SimServer server, Submission begun)
    {
        try
        {
            await server.Engine.ExecuteAsync(
                CommandClass.Internal,
                Artist,
                edit =>
                {
                    begun.Drop(edit);
                    return 0;
                },
                CancellationToken.None,
                "DropLaunch");
        }
        catch (EngineUnavailableException)
        {
            // The next start drops it.
        }
    }

    private static string FullName(int number) => $"testing-shot-artist_job{number}";

    private JobSpecDocument Document(int number)
    {
        var layers = new List<LayerSpec>();
        var depends = new List<DependSpec>();
        var count = 1 + _chance.Below(3);
        for (var i = 0; i < count; i++)
        {
            layers.Add(new LayerSpec
            {
                Name = $"layer{i}{(_chance.Permille(150) ? "0" : "")}",
                Command = "render",
                Range = FrameSet.Parse($"1-{1 + _chance.Skewed(1, 14)}"),
                MinCorePoints = _chance.Permille(700) ? 100 : 200,
                MinMemoryKib = 1048576,
                Services = ["shell"],
                Limits = _chance.Permille(250) ? [Licence] : [],
                TimeoutMinutes = _chance.Permille(100) ? 5 : 0,
            });
            if (i > 0 && _chance.Permille(400))
            {
                depends.Add(new DependSpec
                {
                    Type = _chance.Permille(500) ? DependType.LayerOnLayer : DependType.FrameByFrame,
                    DependJob = $"job{number}",
                    DependLayer = layers[i].Name,
                    OnJob = $"job{number}",
                    OnLayer = layers[i - 1].Name,
                });
            }
        }

        return new JobSpecDocument
        {
            Show = "testing",
            Shot = "shot",
            User = "artist",
            Jobs = [new JobSpec { Name = $"job{number}", Layers = [.. layers], MaxRetries = _chance.Below(3), AutoEat = _chance.Permille(100), Priority = 1 + _chance.Below(100) }],
            Depends = [.. depends],
        };
    }
}
