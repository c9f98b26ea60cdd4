using System.Text;
using OpenCue.Specs.Commands;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>Reads the whole specification: the header, then what can only be checked once all of it is known.</summary>
internal sealed class DocumentReader(SpecCursor cursor, JobSpecOptions options)
{
    private const string RootRefused = "Cannot launch jobs as root.";

    private readonly SpecValues _values = new(options);
    private readonly List<JobReader.Result> _jobs = [];
    private readonly List<DependReader.Result> _depends = [];
    private string? _facility;
    private string? _show;
    private string? _shot;
    private string? _user;
    private string? _email;
    private int? _uid;

    public JobSpecDocument Read()
    {
        var root = cursor.Root();
        var frames = new FrameBudget(options);
        while (cursor.NextChild(root, out var child))
        {
            switch (child.Name)
            {
                case "job":
                    _jobs.Add(new JobReader(cursor, _values, frames, FullName).Read(child));
                    break;
                case "depends":
                    ReadDepends(child);
                    break;
                default:
                    ReadHeader(cursor.Text(child));
                    break;
            }
        }

        cursor.Finish();
        if (_jobs.Count == 0 && _depends.Count == 0)
        {
            throw root.Error("the specification holds neither a job nor a depend");
        }

        var document = new JobSpecDocument
        {
            Facility = _facility,
            Show = _show!, // The cursor has seen to it that show, shot and user are there.
            Shot = _shot!,
            User = _user!,
            Email = _email,
            Uid = _uid,
            Jobs = _jobs.Select(job => job.Spec).ToValueList(),
            Depends = _depends.Select(depend => depend.Spec).ToValueList(),
        };
        CheckJobNames(document);
        CheckDepends(document);
        return document with { Warnings = _values.Warnings };
    }

    private void ReadDepends(SpecElement depends)
    {
        while (cursor.NextChild(depends, out var child))
        {
            if (_depends.Count == options.MaxDepends)
            {
                throw child.Error(
                    $"the specification has more than {options.MaxDepends} depends; depend on layers instead of frames, or split the submission");
            }

            _depends.Add(new DependReader(cursor).Read(child));
        }
    }

    private void ReadHeader(SpecText text)
    {
        switch (text.Element.Name)
        {
            case "facility":
                _facility = SpecValues.Line(text).ToLowerInvariant();
                break;
            case "show":
                _show = SpecValues.PathPart(text);
                break;
            case "shot":
                _shot = Conformed(text.Element, () => NameRules.Shot(text.Value));
                break;
            case "user":
                _user = text.Value != "root" ? SpecValues.PathPart(text) : throw text.Error(RootRefused);
                break;
            case "email":
                _email = SpecValues.LineOrNull(text);
                break;
            case "uid":
                var uid = SpecValues.Number(text, least: 0);
                _uid = uid != 0 ? uid : throw text.Error(RootRefused);
                break;
            case "dept":
                _values.Warn(text.Element, "dept is ignored; the department is that of the show's root group");
                break;
        }
    }

    /// <summary>The full name of a job for messages, as far as the header is known yet.</summary>
    private string FullName(string name)
    {
        try
        {
            return _show is not null && _shot is not null && _user is not null ? NameRules.Job(_show, _shot, _user, name) : name;
        }
        catch (InvalidNameException)
        {
            return name;
        }
    }

    private void CheckJobNames(JobSpecDocument document)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (job, element) in _jobs)
        {
            var name = Conformed(element, () => document.FullJobName(job.Name));
            if (!names.Add(name))
            {
                throw element.Error($"the job {name} is defined twice in this specification");
            }

            foreach (var layer in job.Layers)
            {
                CheckLogName(element, name, layer);
            }
        }
    }

    /// <summary>
    /// The names of job and layer become names of files. Where those grow too long no log can be opened and every frame fails, which
    /// is better said at submission.
    /// </summary>
    private static void CheckLogName(SpecElement element, string job, LayerSpec layer)
    {
        var chunks = layer.Chunks();
        var first = LogPaths.FrameLogName(job, FrameNames.Format(chunks.FirstFrame(0), layer.Name));
        var last = LogPaths.FrameLogName(job, FrameNames.Format(chunks.FirstFrame(chunks.Count - 1), layer.Name));
        if (Math.Max(Encoding.UTF8.GetByteCount(first), Encoding.UTF8.GetByteCount(last)) > LogPaths.LongestLogName
            || Encoding.UTF8.GetByteCount(job) > LogPaths.LongestJobName)
        {
            throw element.Error(
                $"the names of job {Messages.Show(job)} and layer {layer.Name} are too long for the names of their log files; shorten them");
        }
    }

    private void CheckDepends(JobSpecDocument document)
    {
        foreach (var (depend, element) in _depends)
        {
            if (depend is { Type: DependType.FrameOnFrame, DependFrame: { } frame, OnFrame: { } on }
                && frame == on
                && SameJob(document, depend.DependJob, depend.OnJob))
            {
                throw element.Error($"The frame name: {frame} cannot depend on itself.");
            }
        }
    }

    private static bool SameJob(JobSpecDocument document, string one, string other)
    {
        try
        {
            return one == other || document.FullJobName(one) == document.FullJobName(other);
        }
        catch (InvalidNameException)
        {
            return false; // At least one is the exact name of a job of somebody else.
        }
    }

    private static string Conformed(SpecElement element, Func<string> conform)
    {
        try
        {
            return conform();
        }
        catch (InvalidNameException e)
        {
            throw element.Error(e.Message);
        }
    }
}
