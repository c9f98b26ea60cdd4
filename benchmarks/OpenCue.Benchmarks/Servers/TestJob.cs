using System.Globalization;

namespace OpenCue.Benchmarks.Servers;

/// <summary>Launch specifications.</summary>
internal static class TestJob
{
    /// <summary>The specification of one job with one layer. A frame takes one core, and the job as many as there are.</summary>
    public static string Spec(string name, int frames) => Spec([Job(name, ["general"], frames)]);

    /// <summary>A specification of several jobs.</summary>
    public static string Spec(IEnumerable<string> jobs, string show = "testing") =>
        $"""
        <?xml version="1.0"?>
        <spec>
          <show>{show}</show>
          <shot>bench</shot>
          <user>artist</user>
        {string.Join('\n', jobs)}
        </spec>
        """;

    /// <summary>A job, as a part of a specification.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tags">The tags of each of its layers.</param>
    /// <param name="frames">How many frames each of them has.</param>
    /// <param name="cores">How many cores each frame takes.</param>
    public static string Job(string name, IEnumerable<string> tags, int frames, int cores = 1) =>
        $"""
          <job name="{name}">
            <maxcores>100000</maxcores>
            <layers>
        {string.Join('\n', tags.Select((tag, i) => Layer($"render{i + 1}", tag, frames, cores)))}
            </layers>
          </job>
        """;

    private static string Layer(string name, string tags, int frames, int cores) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
              <layer name="{name}" type="Render">
                <cmd>render -frame #IFRAME# /shots/testing/bench/scenes/scene_v042.usd</cmd>
                <range>1-{frames}</range>
                <chunk>1</chunk>
                <cores>{cores}.0</cores>
                <memory>256m</memory>
                <tags>{tags}</tags>
                <services><service>shell</service></services>
              </layer>
        """);
}
