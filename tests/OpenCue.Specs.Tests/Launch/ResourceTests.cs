using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Launch;

public sealed class ResourceTests
{
    [Theory]
    [InlineData("4.0", 400)]
    [InlineData("2.5", 250)]
    [InlineData("1.005", 101)]
    [InlineData(".5", 50)]
    [InlineData("0.1", 10)]
    [InlineData("24.0", 2400)]
    [InlineData("150", 150)]
    [InlineData("10", 10)]
    [InlineData("0", 0)]
    [InlineData("0.0", 0)]
    [InlineData("-1.0", -100)]
    [InlineData("-1.005", -101)]
    [InlineData("-200", -200)]
    public void Cores_are_hundredths_unless_they_have_a_point(string text, int points) =>
        Assert.Equal(points, SpecXml.ReadLayer($"<cores>{text}</cores>").MinCorePoints);

    [Theory]
    [InlineData("<cores>4</cores>", 100, "cores '4' are hundredths of a core and were raised to one core; write 4.0 for whole cores")]
    [InlineData("<cores>.05</cores>", 100, "cores '.05' are less than a tenth of a core and were raised to one core")]
    [InlineData("<cores>24.01</cores>", 2400, "cores '24.01' were lowered to 24.0, the most that a frame may ask for")]
    [InlineData("<cores>10000</cores>", 2400, "cores '10000' were lowered to 24.0")]
    public void Cores_that_are_changed_are_warned_of(string xml, int points, string warning)
    {
        var document = JobSpecReader.Read(SpecXml.JobOfLayers(SpecXml.Layer(xml)));
        Assert.Equal(points, document.Jobs[0].Layers[0].MinCorePoints);
        Assert.StartsWith(warning, Assert.Single(document.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("512m", 524_288)]
    [InlineData("512mb", 524_288)]
    [InlineData("512MiB", 524_288)]
    [InlineData("300.5m", 307_712)]
    [InlineData("4g", 4_194_304)]
    [InlineData("4GB", 4_194_304)]
    [InlineData("4", 4_194_304)]
    [InlineData("4 gb", 4_194_304)]
    [InlineData("2.5g", 2_621_440)]
    [InlineData("0.5", 524_288)]
    public void Memory_is_in_gigabytes_unless_it_says_megabytes(string text, long kib) =>
        Assert.Equal(kib, SpecXml.ReadLayer($"<memory>{text}</memory>").MinMemoryKib);

    [Theory]
    [InlineData("100m", 262_144, "memory '100m' was raised to 262144 KiB")]
    [InlineData("0", 262_144, "memory '0' was raised to 262144 KiB")]
    [InlineData("200g", 209_715_200, "memory '200g' is more than the usual 52428800 KiB")]
    public void Unusual_memory_is_warned_of(string text, long kib, string warning)
    {
        var document = JobSpecReader.Read(SpecXml.JobOfLayers(SpecXml.Layer($"<memory>{text}</memory>")));
        Assert.Equal(kib, document.Jobs[0].Layers[0].MinMemoryKib);
        Assert.StartsWith(warning, Assert.Single(document.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1g", 1_048_576)]
    [InlineData("512m", 524_288)]
    [InlineData("1m", 1024)]
    [InlineData("0", 0)]
    public void Gpu_memory_is_read_like_memory_but_may_be_small(string text, long kib)
    {
        Assert.Equal(kib, SpecXml.ReadLayer($"<gpu_memory>{text}</gpu_memory>").MinGpuMemoryKib);
        Assert.Equal(kib, SpecXml.ReadLayer($"<gpu>{text}</gpu>").MinGpuMemoryKib);
    }

    [Theory]
    [InlineData("<gpu>2g</gpu><gpu_memory>1g</gpu_memory>")]
    [InlineData("<gpu_memory>1g</gpu_memory><gpu>2g</gpu>")]
    public void Gpu_memory_counts_before_its_old_name(string xml) => Assert.Equal(1_048_576, SpecXml.ReadLayer(xml).MinGpuMemoryKib);

    [Theory]
    [InlineData("lots", 0, "the GPU memory 'lots' cannot be read and counts as none")]
    [InlineData("", 0, "the GPU memory '' cannot be read and counts as none")]
    [InlineData("200g", 104_857_600, "GPU memory '200g' was lowered to 104857600 KiB")]
    [InlineData("99999999999g", 104_857_600, "GPU memory '99999999999g' was lowered to 104857600 KiB")]
    public void Odd_gpu_memory_is_bounded_and_warned_of(string text, long kib, string warning)
    {
        var document = JobSpecReader.Read(SpecXml.JobOfLayers(SpecXml.Layer($"<gpu_memory>{text}</gpu_memory>")));
        Assert.Equal(kib, document.Jobs[0].Layers[0].MinGpuMemoryKib);
        Assert.StartsWith(warning, Assert.Single(document.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("general", "general")]
    [InlineData("general | desktop", "general,desktop")]
    [InlineData("general|desktop|general|", "general,desktop")]
    [InlineData("gen eral | my_tag-1.x", "general,my_tag-1.x")]
    public void Tags_are_split_at_bars_without_blanks(string text, string tags) =>
        Assert.Equal(tags, string.Join(',', SpecXml.ReadLayer($"<tags>{text}</tags>").Tags!));

    [Theory]
    [InlineData("")]
    [InlineData(" | ")]
    public void Empty_tags_leave_those_of_the_service(string text) => Assert.Null(SpecXml.ReadLayer($"<tags>{text}</tags>").Tags);

    [Fact]
    public void A_layers_own_values_replace_those_of_its_service()
    {
        var service = new ServiceValues
        {
            Threadable = true,
            MinCorePoints = 200,
            MaxCorePoints = 800,
            MinMemoryKib = 1_000_000,
            MinGpus = 1,
            MaxGpus = 2,
            MinGpuMemoryKib = 1024,
            Tags = ["general"],
            TimeoutMinutes = 30,
            TimeoutLluMinutes = 5,
        };
        var bare = new LayerSpec { Name = "render", Command = "x", Range = FrameSet.Parse("1") };
        Assert.Equal(service, service.OverriddenBy(bare));

        var full = bare with
        {
            Threadable = false,
            MinCorePoints = 400,
            MinMemoryKib = 2_000_000,
            MinGpus = 0,
            MinGpuMemoryKib = 0,
            Tags = ["util"],
            TimeoutMinutes = 0,
            TimeoutLluMinutes = 1,
        };
        Assert.Equal(
            service with
            {
                Threadable = false,
                MinCorePoints = 400,
                MinMemoryKib = 2_000_000,
                MinGpus = 0,
                MinGpuMemoryKib = 0,
                Tags = ["util"],
                TimeoutMinutes = 0,
                TimeoutLluMinutes = 1,
            },
            service.OverriddenBy(full));
    }

    [Theory]
    [InlineData(50, 50, false)]
    [InlineData(5, 10, false)]
    [InlineData(100, 100, true)]
    [InlineData(0, 0, true)]
    [InlineData(-100, -100, true)]
    public void A_layer_below_one_core_is_never_threadable(int asked, int points, bool threadable)
    {
        var service = new ServiceValues
        {
            Threadable = false,
            MinCorePoints = asked,
            MaxCorePoints = 0,
            MinMemoryKib = 0,
            MinGpus = 0,
            MaxGpus = 0,
            MinGpuMemoryKib = 0,
            Tags = ["general"],
            TimeoutMinutes = 0,
            TimeoutLluMinutes = 0,
        };
        var merged = service.OverriddenBy(new LayerSpec { Name = "render", Command = "x", Range = FrameSet.Parse("1"), Threadable = true });
        Assert.Equal(points, merged.MinCorePoints);
        Assert.Equal(threadable, merged.Threadable);
    }
}
