using System.Collections.Frozen;

namespace OpenCue.Specs.Launch.Reading;

/// <summary>
/// Which elements and attributes the launch specification knows: all that any of its versions declares. Order and version are not
/// enforced; no client relies on being refused for them, and one (cueweb) writes an order that no version allows.
/// </summary>
internal static class SpecGrammar
{
    private static readonly FrozenDictionary<string, Element> Elements = new Dictionary<string, Element>
    {
        ["spec"] = new()
        {
            Required = ["show", "shot", "user"],
            Optional = ["facility", "dept", "email", "uid"],
            Repeated = ["job", "depends"],
        },
        ["job"] = new()
        {
            Attributes = ["name"],
            Optional = ["paused", "priority", "maxretries", "maxcores", "maxgpus", "autoeat", "localbook", "os", "layers"],
            Repeated = ["env"],
        },
        ["layers"] = new() { Repeated = ["layer"] },
        ["layer"] = new()
        {
            Attributes = ["name", "type"],
            Required = ["cmd", "range", "chunk"],
            Optional =
            [
                "cores", "threadable", "memory", "gpus", "gpu", "gpu_memory", "timeout", "timeout_llu", "tags", "limits", "services",
            ],
            Repeated = ["env", "outputs"],
        },
        ["limits"] = new() { Repeated = ["limit"] },
        ["services"] = new() { Repeated = ["service"] },
        ["outputs"] = new() { Repeated = ["output"] },
        ["output"] = new() { Attributes = ["name"] },
        ["env"] = new() { Repeated = ["key"] },
        ["key"] = new() { Attributes = ["name"] },
        ["localbook"] = new() { Attributes = ["host", "cores", "memory", "threads", "gpu"] },
        ["depends"] = new() { Repeated = ["depend"] },
        ["depend"] = new()
        {
            Attributes = ["type"],
            OptionalAttributes = ["anyframe"],
            Required = ["depjob", "onjob"],
            Optional = ["deplayer", "depframe", "onlayer", "onframe"],
        },
    }.ToFrozenDictionary();

    private static readonly Element Leaf = new();

    /// <summary>What an element may hold; one that is not listed holds text alone and has no attributes.</summary>
    public static Element Of(string name) => Elements.GetValueOrDefault(name, Leaf);

    internal sealed class Element
    {
        public string[] Attributes { get; init; } = [];

        public string[] OptionalAttributes { get; init; } = [];

        public string[] Required { get; init; } = [];

        public string[] Optional { get; init; } = [];

        public string[] Repeated { get; init; } = [];

        public IEnumerable<string> Children => [.. Required, .. Optional, .. Repeated];

        public bool Allows(string child) => AllowsOnce(child) || Repeated.Contains(child);

        public bool AllowsOnce(string child) => Required.Contains(child) || Optional.Contains(child);

        public bool AllowsAttribute(string name) => Attributes.Contains(name) || OptionalAttributes.Contains(name);
    }
}
