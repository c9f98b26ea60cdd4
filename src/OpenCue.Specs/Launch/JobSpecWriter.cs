using System.Globalization;
using System.Text;
using System.Xml;

namespace OpenCue.Specs.Launch;

/// <summary>Writes launch specifications of version 1.15, which OpenCue reads too (but for layers of type Pre, which no version offers).</summary>
public static class JobSpecWriter
{
    // OpenCue finds its document type by this address, and clients write it with two blanks in the public name.
    private const string PublicId = "SPI Cue  Specification Language";
    private const string SystemId = "http://localhost:8080/spcue/dtd/cjsl-1.15.dtd";
    private const long KibPerGib = 1_048_576;

    /// <summary>
    /// Writes a specification. What it writes reads back as an equal document, as long as the document's values are ones that the
    /// reader would leave as they are; it is not checked otherwise.
    /// </summary>
    /// <exception cref="ArgumentException">A text holds a character that XML cannot carry, such as NUL.</exception>
    public static string Write(JobSpecDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        using var text = new Utf8Writer();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings
        {
            Indent = true,
            NewLineChars = "\n",
            NewLineHandling = NewLineHandling.Entitize, // Keeps line ends inside commands as they are.
        }))
        {
            xml.WriteDocType("spec", PublicId, SystemId, null);
            WriteSpec(xml, document);
        }

        return text.ToString();
    }

    private static void WriteSpec(XmlWriter xml, JobSpecDocument document)
    {
        xml.WriteStartElement("spec");
        WriteOptional(xml, "facility", document.Facility);
        xml.WriteElementString("show", document.Show);
        xml.WriteElementString("shot", document.Shot);
        xml.WriteElementString("user", document.User);
        WriteOptional(xml, "email", document.Email);
        WriteOptional(xml, "uid", document.Uid);
        foreach (var job in document.Jobs)
        {
            WriteJob(xml, job);
        }

        if (document.Depends.Count > 0)
        {
            xml.WriteStartElement("depends");
            foreach (var depend in document.Depends)
            {
                WriteDepend(xml, depend);
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteJob(XmlWriter xml, JobSpec job)
    {
        xml.WriteStartElement("job");
        xml.WriteAttributeString("name", job.Name);
        xml.WriteElementString("paused", Text(job.Paused));
        WriteOptional(xml, "priority", job.Priority);
        WriteOptional(xml, "maxretries", job.MaxRetries);
        WriteOptional(xml, "maxcores", job.MaxWholeCores);
        WriteOptional(xml, "maxgpus", job.MaxGpus);
        xml.WriteElementString("autoeat", Text(job.AutoEat));
        if (job.LocalBook is { } local)
        {
            WriteLocalBook(xml, local);
        }

        WriteOptional(xml, "os", job.Os);
        WriteEnvironment(xml, job.Environment);
        xml.WriteStartElement("layers");
        foreach (var layer in job.Layers)
        {
            WriteLayer(xml, layer);
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteLocalBook(XmlWriter xml, LocalBookSpec local)
    {
        xml.WriteStartElement("localbook");
        xml.WriteAttributeString("host", local.Host);
        xml.WriteAttributeString("cores", Text(local.WholeCores));
        xml.WriteAttributeString("memory", Text(local.MemoryKib));
        xml.WriteAttributeString("threads", Text(local.Threads));
        xml.WriteAttributeString("gpu", Text(local.GpuMemoryKib));
        xml.WriteEndElement();
    }

    private static void WriteLayer(XmlWriter xml, LayerSpec layer)
    {
        xml.WriteStartElement("layer");
        xml.WriteAttributeString("name", layer.Name);
        xml.WriteAttributeString("type", layer.Type.ToString());
        xml.WriteElementString("cmd", layer.Command);
        xml.WriteElementString("range", layer.Range.Text);
        xml.WriteElementString("chunk", Text(layer.ChunkSize));
        WriteOptional(xml, "cores", layer.MinCorePoints is { } points ? Cores(points) : null);
        WriteOptional(xml, "threadable", layer.Threadable is { } threadable ? Text(threadable) : null);
        WriteOptional(xml, "memory", Memory(layer.MinMemoryKib));
        WriteOptional(xml, "gpus", layer.MinGpus);
        WriteOptional(xml, "gpu_memory", Memory(layer.MinGpuMemoryKib));
        WriteOptional(xml, "timeout", layer.TimeoutMinutes);
        WriteOptional(xml, "timeout_llu", layer.TimeoutLluMinutes);
        WriteOptional(xml, "tags", layer.Tags is { } tags ? string.Join(" | ", tags.Items) : null);
        WriteList(xml, "limits", "limit", layer.Limits);
        WriteEnvironment(xml, layer.Environment);
        WriteList(xml, "services", "service", layer.Services);
        WriteOutputs(xml, layer.Outputs);
        xml.WriteEndElement();
    }

    private static void WriteOutputs(XmlWriter xml, ValueList<string> outputs)
    {
        if (outputs.Count == 0)
        {
            return;
        }

        xml.WriteStartElement("outputs");
        for (var i = 0; i < outputs.Count; i++)
        {
            xml.WriteStartElement("output");
            xml.WriteAttributeString("name", $"output{Text(i + 1)}"); // Required by the document type, and never read.
            xml.WriteString(outputs[i]);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteEnvironment(XmlWriter xml, ValueList<EnvironmentVariable> variables)
    {
        if (variables.Count == 0)
        {
            return;
        }

        xml.WriteStartElement("env");
        foreach (var (name, value) in variables)
        {
            xml.WriteStartElement("key");
            xml.WriteAttributeString("name", name);
            xml.WriteString(value);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteDepend(XmlWriter xml, DependSpec depend)
    {
        xml.WriteStartElement("depend");
        xml.WriteAttributeString("type", DependTypes.NameOf(depend.Type));
        xml.WriteAttributeString("anyframe", Text(depend.AnyFrame));
        xml.WriteElementString("depjob", depend.DependJob);
        WriteOptional(xml, "deplayer", depend.DependLayer);
        WriteOptional(xml, "depframe", depend.DependFrame?.ToString());
        xml.WriteElementString("onjob", depend.OnJob);
        WriteOptional(xml, "onlayer", depend.OnLayer);
        WriteOptional(xml, "onframe", depend.OnFrame?.ToString());
        xml.WriteEndElement();
    }

    private static void WriteList(XmlWriter xml, string list, string item, ValueList<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        xml.WriteStartElement(list);
        foreach (var text in texts)
        {
            xml.WriteElementString(item, text);
        }

        xml.WriteEndElement();
    }

    private static void WriteOptional(XmlWriter xml, string name, string? text)
    {
        if (text is not null)
        {
            xml.WriteElementString(name, text);
        }
    }

    private static void WriteOptional(XmlWriter xml, string name, int? number)
    {
        if (number is { } some)
        {
            xml.WriteElementString(name, Text(some));
        }
    }

    // Always with a decimal point: without one the number would mean hundredths of a core.
    private static string Cores(int points) => (points / 100m).ToString("0.0#", CultureInfo.InvariantCulture);

    // A KiB is a whole number of 1024ths, so the decimal fraction of a mebibyte is exact.
    private static string? Memory(long? kib) => kib switch
    {
        null => null,
        { } whole when whole % KibPerGib == 0 => $"{Text(whole / KibPerGib)}g",
        { } some => $"{(some / 1024m).ToString(CultureInfo.InvariantCulture)}m",
    };

    private static string Text(bool value) => value ? "True" : "False";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Makes the XML declaration say utf-8, the encoding in which the text is sent and stored.</summary>
    private sealed class Utf8Writer() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
