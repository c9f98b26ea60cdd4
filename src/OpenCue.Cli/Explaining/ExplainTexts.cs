using Google.Protobuf;
using Google.Protobuf.Collections;
using OpenCue.Cli.Commands;
using OpenCue.Cli.Output;
using OpenCue.Protocol.V1;

namespace OpenCue.Cli.Explaining;

/// <summary>Explanations for people: what holds it, with the way out below; then the hosts, and what goes first.</summary>
internal static class ExplainTexts
{
    /// <summary>Writes an answer of whatever kind.</summary>
    public static void Write(CommandRun run, IMessage answer)
    {
        switch (answer)
        {
            case ExplainFrameResponse frame:
                Title(run, $"Frame {frame.Frame} of {frame.Job}");
                Reasons(run, frame.Reasons);
                Hosts(run, frame.Hosts);
                Place(run, frame.Place);
                break;
            case ExplainLayerResponse layer:
                Title(run, $"Layer {layer.Layer} of {layer.Job}");
                Frames(run, layer.Groups);
                Reasons(run, layer.Reasons);
                Hosts(run, layer.Hosts);
                Place(run, layer.Place);
                break;
            case ExplainJobResponse job:
                OfJob(run, job);
                break;
            case ExplainShowResponse show:
                OfShow(run, show);
                break;
            case ExplainHostResponse host:
                OfHost(run, host);
                break;
            default:
                throw new ArgumentException($"There are no sentences for {answer.Descriptor.Name}.", nameof(answer));
        }
    }

    private static void OfJob(CommandRun run, ExplainJobResponse job)
    {
        Title(run, $"Job {job.Job}");
        Layers(run, job.Groups);
        var said = job.Groups.Select(group => group.Reason.Text).ToHashSet();
        foreach (var layer in job.Layers)
        {
            run.Terminal.Line();
            Title(run, $"Layer {layer.Layer}");
            Reasons(run, layer.Reasons.Where(reason => !said.Contains(reason.Text)));
            Hosts(run, layer.Hosts);
            Place(run, layer.Place);
        }
    }

    private static void OfShow(CommandRun run, ExplainShowResponse show)
    {
        Title(run, $"Show {show.Show}");
        Reasons(run, show.Reasons);
        if (show.Shares.Count > 0)
        {
            var table = new Table(
                new Column("ALLOCATION"),
                new Column("CORES") { Right = true },
                new Column("SIZE") { Right = true },
                new Column("BURST") { Right = true },
                new Column("HOSTS") { Right = true });
            foreach (var share in show.Shares)
            {
                table.Add(share.Allocation, Cores(share.Cores), Cores(share.Size), Cores(share.Burst), Units.Count(share.Hosts));
            }

            run.Terminal.Line();
            table.Write(run.Terminal);
        }

        run.Terminal.Line();
        Layers(run, show.Groups);
        if (show.LayersLeftOut > 0)
        {
            run.Terminal.Line($"{Units.Count(show.LayersLeftOut, "layer")} that need other kinds of hosts were left out; explain their jobs.");
        }
    }

    private static void OfHost(CommandRun run, ExplainHostResponse host)
    {
        Title(run, $"Host {host.Host}");
        Reasons(run, host.Reasons);
        run.Terminal.Line(
            $"Idle: {Cores(host.IdleCores)} cores, {Units.Memory(host.IdleMemory)} of memory"
            + (host.IdleGpus > 0 ? $", {Units.Count(host.IdleGpus, "GPU")}" : ""));
        if (host.Work.Count > 0)
        {
            run.Terminal.Line();
            run.Terminal.Line("What waits and may use it:");
            foreach (var work in host.Work)
            {
                run.Terminal.Line($"  {Plain.OneLine(work.Text)}: {Plain.OneLine(Examples(work.Examples, work.Layers))}");
            }
        }

        if (host.Runs.Count > 0)
        {
            run.Terminal.Line();
            var table = new Table(
                new Column("JOB") { Least = 16 },
                new Column("FRAME") { Least = 12 },
                new Column("CORES") { Right = true },
                new Column("MEMORY") { Right = true },
                new Column("SINCE"));
            foreach (var frame in host.Runs)
            {
                table.Add(frame.Job, frame.Frame, Cores(frame.Cores), Units.Memory(frame.Memory), Units.Time(frame.Since / 1000, run.Time));
            }

            table.Write(run.Terminal);
        }
    }

    private static void Title(CommandRun run, string text) => run.Terminal.Line(run.Terminal.Styled(Plain.OneLine(text), Ink.Dim));

    private static void Reasons(CommandRun run, IEnumerable<Reason> reasons)
    {
        foreach (var reason in reasons)
        {
            var ink = reason.Never ? Ink.Bad : reason.Code is ReasonCode.Running or ReasonCode.Succeeded or ReasonCode.Nothing ? Ink.Good : Ink.Plain;
            run.Terminal.Line(run.Terminal.Styled(Plain.OneLine(reason.Text), ink));
            if (reason.WayOut.Length > 0)
            {
                run.Terminal.Line($"  -> {Plain.OneLine(reason.WayOut)}");
            }
        }
    }

    private static void Hosts(CommandRun run, HostCount? hosts)
    {
        if (hosts is null)
        {
            return;
        }

        run.Terminal.Line($"Of {Units.Count(hosts.Hosts, "host")}, {hosts.Able} could take a frame of it, {hosts.Ready} would now.");
        foreach (var removal in hosts.Removed)
        {
            if (removal.Hosts > 0)
            {
                var only = removal.Only > 0 && removal.Only < removal.Hosts ? $" ({removal.Only} lack nothing else)" : "";
                run.Terminal.Line($"  {Plain.OneLine(removal.Text)}{only}");
            }
        }
    }

    private static void Place(CommandRun run, Place? place)
    {
        if (place is null)
        {
            return;
        }

        (long Count, string Where)[] parts =
        [
            (place.BeforeInLayer, "in its layer"),
            (place.BeforeInJob, "in other layers of its job"),
            (place.BeforeInShow, "in other jobs of its show"),
            (place.BeforeInShows, "in shows that go first"),
        ];
        var where = string.Join(", ", parts.Where(part => part.Count > 0).Select(part => $"{Units.Count(part.Count)} {part.Where}"));
        run.Terminal.Line(
            place.Before == 0
                ? $"Nothing that may run stands before it ({place.Policy})."
                : $"{Units.Count(place.Before, "frame")} that may run {(place.Before == 1 ? "stands" : "stand")} before it ({place.Policy}): {where}.");
    }

    private static void Frames(CommandRun run, IEnumerable<FrameGroup> groups)
    {
        foreach (var group in groups)
        {
            var examples = Plain.OneLine(Examples(group.Examples, group.Frames));
            run.Terminal.Line($"{Units.Count(group.Frames, "frame")}: {Plain.OneLine(group.Reason.Text)} {examples}");
        }

        run.Terminal.Line();
    }

    private static void Layers(CommandRun run, IEnumerable<LayerGroup> groups)
    {
        foreach (var group in groups)
        {
            run.Terminal.Line(
                $"{Units.Count(group.Frames, "frame")} in {Units.Count(group.Layers, "layer")}: {Plain.OneLine(group.Reason.Text)} "
                + $"({Plain.OneLine(Examples(group.Examples, group.Layers))})");
            if (group.Reason.WayOut.Length > 0)
            {
                run.Terminal.Line($"  -> {Plain.OneLine(group.Reason.WayOut)}");
            }
        }
    }

    private static string Examples(RepeatedField<string> names, long all) =>
        names.Count < all ? $"{string.Join(", ", names)} ..." : string.Join(", ", names);

    private static string Cores(double cores) => Units.Cores((float)cores);
}
