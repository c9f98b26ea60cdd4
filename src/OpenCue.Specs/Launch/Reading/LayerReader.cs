using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>Reads one layer.</summary>
internal sealed class LayerReader(SpecCursor cursor, SpecValues values, FrameBudget frames)
{
    // A frame's command travels to its host in one message of at most 4 MiB, together with its variables.
    private const int LongestCommand = 1024 * 1024;

    private readonly EnvironmentReader _environment = new(cursor);
    private readonly List<string> _outputs = [];
    private SpecText _command;
    private SpecText _range;
    private int _chunkSize;
    private int? _minCorePoints;
    private bool? _threadable;
    private long? _minMemoryKib;
    private int? _minGpus;
    private long? _minGpuMemoryKib;
    private long? _oldGpuMemoryKib;
    private int? _timeoutMinutes;
    private int? _timeoutLluMinutes;
    private ValueList<string>? _tags;
    private ValueList<string> _limits = [];
    private ValueList<string> _services = [];

    public static LayerType TypeOf(SpecElement layer) =>
        !char.IsAsciiLetter(layer["type"][0]) || !Enum.TryParse<LayerType>(layer["type"], ignoreCase: true, out var type)
            ? throw layer.Error($"the type of the layer is {Messages.Quote(layer["type"])}; it is Render, Util, Pre or Post")
            : type;

    public LayerSpec Read(SpecElement layer, LayerType type)
    {
        var name = ConformedName(layer, layer["name"]);
        while (cursor.NextChild(layer, out var child))
        {
            switch (child.Name)
            {
                case "env":
                    _environment.Read(child);
                    break;
                case "limits":
                    _limits = ReadList(child).ToValueList();
                    break;
                case "services":
                    _services = ReadList(child).ToValueList();
                    break;
                case "outputs":
                    _outputs.AddRange(ReadList(child));
                    break;
                default:
                    ReadValue(cursor.Text(child));
                    break;
            }
        }

        var range = frames.Take(_range, _chunkSize);
        WarnOfLostFrames(range);
        return ToSpec(name, type, range);
    }

    internal static string ConformedName(SpecElement element, string name)
    {
        try
        {
            return NameRules.Layer(name);
        }
        catch (InvalidNameException e)
        {
            throw element.Error(e.Message);
        }
    }

    private LayerSpec ToSpec(string name, LayerType type, FrameSet range) => new()
    {
        Name = name,
        Type = type,
        Command = _command.Value,
        Range = range,
        ChunkSize = _chunkSize,
        MinCorePoints = _minCorePoints,
        Threadable = _threadable,
        MinMemoryKib = _minMemoryKib,
        MinGpus = _minGpus,
        MinGpuMemoryKib = _minGpuMemoryKib ?? _oldGpuMemoryKib,
        TimeoutMinutes = _timeoutMinutes,
        TimeoutLluMinutes = _timeoutLluMinutes,
        Tags = _tags,
        Limits = _limits,
        Services = _services,
        Outputs = _outputs.Distinct(StringComparer.Ordinal).ToValueList(),
        Environment = _environment.Variables(),
    };

    private void ReadValue(SpecText text)
    {
        switch (text.Element.Name)
        {
            case "cmd":
                _command = CheckedCommand(text);
                break;
            case "range":
                _range = text;
                break;
            case "chunk":
                _chunkSize = SpecValues.Number(text, least: 1);
                break;
            case "cores":
                _minCorePoints = values.CorePoints(text);
                break;
            case "threadable":
                _threadable = SpecValues.Switch(text.Value);
                break;
            case "memory":
                _minMemoryKib = values.MemoryKib(text);
                break;
            case "gpus":
                _minGpus = SpecValues.Number(text, least: 0);
                break;
            case "gpu":
                _oldGpuMemoryKib = values.GpuMemoryKib(text);
                break;
            case "gpu_memory":
                _minGpuMemoryKib = values.GpuMemoryKib(text);
                break;
            case "timeout":
                _timeoutMinutes = SpecValues.Number(text, least: 0);
                break;
            case "timeout_llu":
                _timeoutLluMinutes = SpecValues.Number(text, least: 0);
                break;
            case "tags":
                _tags = SpecValues.Tags(text);
                break;
        }
    }

    private static SpecText CheckedCommand(SpecText text) => text.Value.Length switch
    {
        0 => throw text.Error("the command is empty"),
        > LongestCommand => throw text.Error($"the command is longer than {LongestCommand} characters; put it into a script"),
        _ => text,
    };

    private List<string> ReadList(SpecElement list)
    {
        var items = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (cursor.NextChild(list, out var child))
        {
            if (SpecValues.LineOrNull(cursor.Text(child)) is { } item && seen.Add(item))
            {
                items.Add(item);
            }
        }

        return items;
    }

    /// <summary>
    /// pyoutline cuts an interleaved range into chunks of its own, in another order than the server: frames would be rendered twice or
    /// never while every row succeeds.
    /// </summary>
    private void WarnOfLostFrames(FrameSet range)
    {
        if (_chunkSize > 1
            && range.Text.Contains(':')
            && _command.Value.Contains("pycuerun", StringComparison.Ordinal)
            && !_command.Value.Contains("#FRAMESPEC#", StringComparison.Ordinal))
        {
            values.Warn(
                _range.Element,
                "pyoutline cuts an interleaved range into other chunks than the server, so frames may be left out or rendered twice; "
                + "use chunk 1, or a range without ':'");
        }
    }
}
