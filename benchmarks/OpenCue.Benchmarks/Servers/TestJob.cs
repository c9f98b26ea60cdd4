using System.Globalization;

namespace OpenCue.Benchmarks.Servers;

/// <summary>Launch specifications of one job with one layer.</summary>
internal static class TestJob
{
    /// <summary>The specification. A frame takes one core, and the job as many as there are.</summary>
    public static string Spec(string name, int frames) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        <?xml version="1.0"?>
        <spec>
          <show>testing</show>
          <shot>bench</shot>
          <user>artist</user>
          <job name="{name}">
            <maxcores>10000</maxcores>
            <layers>
              <layer name="render" type="Render">
                <cmd>render -frame #IFRAME# /shots/testing/bench/scenes/scene_v042.usd</cmd>
                <range>1-{frames}</range>
                <chunk>1</chunk>
                <cores>1.0</cores>
                <memory>256m</memory>
                <services><service>shell</service></services>
              </layer>
            </layers>
          </job>
        </spec>
        """);
}
