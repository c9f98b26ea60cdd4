using System.Globalization;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>Reads one job.</summary>
internal sealed class JobReader(SpecCursor cursor, SpecValues values, FrameBudget frames, Func<string, string> fullName)
{
    // A number of whole cores that still fits when it is counted in hundredths.
    private const int MostWholeCores = int.MaxValue / 100;

    private readonly EnvironmentReader _environment = new(cursor);
    private readonly List<LayerSpec> _layers = [];
    private readonly HashSet<string> _layerNames = new(StringComparer.Ordinal);
    private bool _paused;
    private int? _priority;
    private int? _maxRetries;
    private int? _maxWholeCores;
    private int? _maxGpus;
    private bool _autoEat;
    private string? _os;
    private LocalBookSpec? _localBook;

    public Result Read(SpecElement job)
    {
        while (cursor.NextChild(job, out var child))
        {
            switch (child.Name)
            {
                case "env":
                    _environment.Read(child);
                    break;
                case "layers":
                    ReadLayers(job, child);
                    break;
                case "localbook":
                    _localBook = ReadLocalBook(child);
                    break;
                default:
                    ReadValue(cursor.Text(child));
                    break;
            }
        }

        if (!_layers.Exists(layer => layer.Type != LayerType.Post))
        {
            throw job.Error($"The job {fullName(job["name"])} has no layers");
        }

        return new Result(ToSpec(job), job);
    }

    private JobSpec ToSpec(SpecElement job) => new()
    {
        Name = job["name"],
        Paused = _paused,
        Priority = _priority,
        MaxRetries = _maxRetries,
        MaxWholeCores = _maxWholeCores,
        MaxGpus = _maxGpus,
        AutoEat = _autoEat,
        Os = _os,
        LocalBook = _localBook,
        Environment = _environment.Variables(),
        Layers = _layers.ToValueList(),
    };

    private void ReadValue(SpecText text)
    {
        switch (text.Element.Name)
        {
            case "paused":
                _paused = SpecValues.Switch(text.Value);
                break;
            case "priority":
                _priority = SpecValues.Number(text);
                break;
            case "maxretries":
                _maxRetries = MaxRetries(text);
                break;
            case "maxcores":
                _maxWholeCores = SpecValues.Number(text, least: -1, most: MostWholeCores);
                break;
            case "maxgpus":
                _maxGpus = SpecValues.Number(text, least: -1);
                break;
            case "autoeat":
                _autoEat = SpecValues.Switch(text.Value);
                break;
            case "os":
                _os = SpecValues.LineOrNull(text);
                break;
        }
    }

    private int MaxRetries(SpecText text)
    {
        var asked = SpecValues.Number(text);
        var allowed = Math.Clamp(asked, 0, values.Options.MaxRetries);
        if (allowed != asked)
        {
            values.Warn(text.Element, string.Create(
                CultureInfo.InvariantCulture,
                $"maxretries {asked} was changed to {allowed}; a specification may ask for 0 to {values.Options.MaxRetries}"));
        }

        return allowed;
    }

    private LocalBookSpec ReadLocalBook(SpecElement element)
    {
        cursor.Text(element);
        return new LocalBookSpec
        {
            Host = element["host"],
            WholeCores = (int)SpecValues.Attribute(element, "cores", 0, MostWholeCores),
            MemoryKib = SpecValues.KibAttribute(element, "memory"),
            Threads = (int)SpecValues.Attribute(element, "threads", 0, MostWholeCores),
            GpuMemoryKib = SpecValues.KibAttribute(element, "gpu"),
        };
    }

    private void ReadLayers(SpecElement job, SpecElement layers)
    {
        int ordinary = 0, post = 0;
        while (cursor.NextChild(layers, out var child))
        {
            // Counted before the layer is read, so that a specification with too many costs no more than the limit.
            var type = LayerReader.TypeOf(child);
            var count = type == LayerType.Post ? ++post : ++ordinary;
            if (count > values.Options.MaxLayers)
            {
                throw child.Error(string.Create(
                    CultureInfo.InvariantCulture,
                    $"error, your job has {count} layers,  the maximum number of allowed layers is {values.Options.MaxLayers}"));
            }

            var layer = new LayerReader(cursor, values, frames).Read(child, type);
            if (!_layerNames.Add(layer.Name))
            {
                throw child.Error($"error, the layer {layer.Name} was already defined in job {fullName(job["name"])}");
            }

            _layers.Add(layer);
        }
    }

    /// <summary>A job and where it stands.</summary>
    internal readonly record struct Result(JobSpec Spec, SpecElement Element);
}
