using OpenCue.Specs.Commands;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>Reads one depend.</summary>
internal sealed class DependReader(SpecCursor cursor)
{
    private readonly Dictionary<string, SpecText> _texts = [];

    public Result Read(SpecElement element)
    {
        if (!DependTypes.TryParse(element["type"], out var type))
        {
            throw element.Error(
                $"the type of the depend is {Messages.Quote(element["type"])}; known are {string.Join(", ", DependTypes.Names)}");
        }

        while (cursor.NextChild(element, out var child))
        {
            _texts.Add(child.Name, cursor.Text(child));
        }

        foreach (var needed in DependTypes.NeededElements(type))
        {
            if (!_texts.TryGetValue(needed, out var text) || text.Value.Length == 0)
            {
                throw element.Error($"a depend of type {DependTypes.NameOf(type)} needs the element {needed}");
            }
        }

        var spec = new DependSpec
        {
            Type = type,
            AnyFrame = SpecValues.Switch(element.Find("anyframe") ?? ""),
            DependJob = SpecValues.Line(_texts["depjob"]),
            DependLayer = Layer("deplayer"),
            DependFrame = Frame("depframe"),
            OnJob = SpecValues.Line(_texts["onjob"]),
            OnLayer = Layer("onlayer"),
            OnFrame = Frame("onframe"),
        };
        return new Result(spec, element);
    }

    private string? Layer(string name) =>
        _texts.TryGetValue(name, out var text) && text.Value.Length > 0 ? LayerReader.ConformedName(text.Element, text.Value) : null;

    private FrameName? Frame(string name)
    {
        if (!_texts.TryGetValue(name, out var text) || text.Value.Length == 0)
        {
            return null;
        }

        return FrameNames.TryParse(text.Value, out var frame, out var layer)
            ? new FrameName(frame, layer)
            : throw text.Error($"The frame name: {Messages.Show(text.Value)} is not in the proper format.");
    }

    /// <summary>A depend and where it stands.</summary>
    internal readonly record struct Result(DependSpec Spec, SpecElement Element);
}
