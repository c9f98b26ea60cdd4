using OpenCue.Specs.Launch;

namespace OpenCue.Specs.Tests.Launch;

/// <summary>Small specifications around the part that a test is about.</summary>
internal static class SpecXml
{
    public const string Cmd = "<cmd>true</cmd>";
    public const string Range = "<range>1-10</range>";
    public const string Chunk = "<chunk>1</chunk>";
    public const string Header = "<show>testing</show><shot>default</shot><user>testuser</user>";

    /// <summary>A specification with a header and one job of one layer, as pyoutline writes it.</summary>
    public const string Whole = """
        <?xml version="1.0"?>
        <!DOCTYPE spec PUBLIC "SPI Cue  Specification Language" "http://localhost:8080/spcue/dtd/cjsl-1.15.dtd">
        <spec>
          <facility>Local</facility>
          <show>testing</show>
          <shot>Dev-1</shot>
          <user>testuser</user>
          <email>testuser@example.com</email>
          <uid>9860</uid>
          <job name="Comp-v2">
            <paused>True</paused>
            <priority>50</priority>
            <maxretries>1</maxretries>
            <maxcores>20</maxcores>
            <maxgpus>2</maxgpus>
            <autoeat>False</autoeat>
            <localbook host="box" cores="2" memory="4194304" threads="1" gpu="0"/>
            <os>Linux</os>
            <env>
              <key name="A">one</key>
              <key name="B"> two words </key>
            </env>
            <layers>
              <layer name="Render-A" type="Render">
                <cmd>render -f #IFRAME# &amp;&amp; echo "done"</cmd>
                <range>1-10</range>
                <chunk>4</chunk>
                <cores>2.5</cores>
                <threadable>True</threadable>
                <memory>4gb</memory>
                <gpus>1</gpus>
                <gpu_memory>512m</gpu_memory>
                <timeout>60</timeout>
                <timeout_llu>10</timeout_llu>
                <tags>general | desktop</tags>
                <limits><limit>arnold</limit><limit>nuke</limit></limits>
                <env><key name="C">three</key></env>
                <services><service>arnold</service></services>
                <outputs><output name="main">/out/comp.#.exr</output></outputs>
              </layer>
              <layer name="cleanup" type="Post">
                <cmd>rm -r tmp</cmd>
                <range>1</range>
                <chunk>1</chunk>
              </layer>
            </layers>
          </job>
          <depends>
            <depend type="LAYER_ON_LAYER" anyframe="True">
              <depjob>comp</depjob>
              <deplayer>Render-A</deplayer>
              <onjob>other</onjob>
              <onlayer>Sim-A</onlayer>
            </depend>
            <depend type="FRAME_ON_FRAME" anyframe="False">
              <depjob>comp</depjob>
              <depframe>0005-render_a</depframe>
              <onjob>other</onjob>
              <onframe>0001-Sim-A</onframe>
            </depend>
          </depends>
        </spec>
        """;

    public static string Spec(string content) => $"<spec>{Header}{content}</spec>";

    public static string Job(string content, string name = "test") => Spec($"<job name=\"{name}\">{content}{Layers(Layer(""))}</job>");

    public static string Layers(params string[] layers) => $"<layers>{string.Concat(layers)}</layers>";

    public static string Layer(string content, string name = "render", string type = "Render") =>
        $"<layer name=\"{name}\" type=\"{type}\">{Cmd}{Range}{Chunk}{content}</layer>";

    public static string JobOfLayers(params string[] layers) => Spec($"<job name=\"test\">{Layers(layers)}</job>");

    public static string Depend(string content, string type) => Spec($"<depends><depend type=\"{type}\">{content}</depend></depends>");

    public static JobSpec ReadJob(string content, JobSpecOptions? options = null) =>
        Assert.Single(JobSpecReader.Read(Job(content), options).Jobs);

    public static LayerSpec ReadLayer(string content, string type = "Render")
    {
        var job = Assert.Single(JobSpecReader.Read(JobOfLayers(Layer(content, type: type), Layer("", name: "other"))).Jobs);
        return job.Layers[0];
    }

    public static string Refusal(string xml, JobSpecOptions? options = null) =>
        Assert.Throws<JobSpecException>(() => JobSpecReader.Read(xml, options)).Message;
}
