using OpenCue.Specs.Launch;
using OpenCue.Specs.Ranges;

namespace OpenCue.Specs.Tests.Launch;

/// <summary>Makes specifications of every kind that the reader accepts without changing anything.</summary>
internal sealed class RandomSpecs(Random random)
{
    private const string Letters = "abcxyz019_.";
    private const string AnyText = "aZ09 _-.,;:!?/\\|'\"<>&#%$(){}[]=+*~^`@\t\n\r\u00e4\u4e16\u2028";
    private const string OneLine = "aZ09 _-.,;:!?/\\|'\"<>&#%$(){}[]=+*~^`@\u00e4\u4e16";

    public JobSpecDocument Document() => new()
    {
        Facility = Maybe(() => Name()),
        Show = Name(),
        Shot = Name(),
        User = Name(),
        Email = Maybe(() => Text(OneLine)),
        Uid = MaybeValue(() => random.Next(1, int.MaxValue)),
        Jobs = List(1, 3, i => Job($"job{i}")),
        Depends = List(0, 4, _ => Depend()),
    };

    private JobSpec Job(string name) => new()
    {
        Name = name + Maybe(() => "-V:1".Replace(':', '_')),
        Paused = Coin(),
        Priority = MaybeValue(() => random.Next(int.MinValue, int.MaxValue)),
        MaxRetries = MaybeValue(() => random.Next(2)),
        MaxWholeCores = MaybeValue(() => random.Next(-1, 10_000)),
        MaxGpus = MaybeValue(() => random.Next(-1, 10_000)),
        AutoEat = Coin(),
        Os = Maybe(() => Text(OneLine)),
        LocalBook = Maybe(() => new LocalBookSpec
        {
            Host = Name(),
            WholeCores = random.Next(100),
            MemoryKib = random.NextInt64(1L << 40),
            Threads = random.Next(100),
            GpuMemoryKib = random.NextInt64(1L << 40),
        }),
        Environment = Environment(),
        Layers = [Layer("first", LayerType.Util), .. List(0, 4, i => Layer($"layer{i}", Enum.GetValues<LayerType>()[random.Next(4)]))],
    };

    private LayerSpec Layer(string name, LayerType type) => new()
    {
        Name = name,
        Type = type,
        Command = Text(AnyText),
        Range = FrameSet.Of(Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(-50, 50))),
        ChunkSize = random.Next(1, 40),
        MinCorePoints = MaybeValue(() => random.Next(4) == 0 ? -random.Next(0, 2400) : random.Next(10, 2401)),
        Threadable = MaybeValue(Coin),
        MinMemoryKib = MaybeValue(() => random.NextInt64(262_144, 52_428_801)),
        MinGpus = MaybeValue(() => random.Next(100)),
        MinGpuMemoryKib = MaybeValue(() => random.NextInt64(0, 104_857_601)),
        TimeoutMinutes = MaybeValue(() => random.Next()),
        TimeoutLluMinutes = MaybeValue(() => random.Next()),
        Tags = Maybe(() => List(1, 4, i => $"Tag-{i}")),
        Limits = List(0, 3, i => $"{i} {Text(OneLine)}"),
        Services = List(0, 3, i => $"{i}{Text(OneLine)}"),
        Outputs = List(0, 3, i => $"/{i}{Text(OneLine)}"),
        Environment = Environment(),
    };

    private DependSpec Depend() => new()
    {
        Type = Enum.GetValues<DependType>()[random.Next(12)],
        AnyFrame = Coin(),
        DependJob = Text(OneLine),
        DependLayer = Name(),
        DependFrame = Frame(),
        OnJob = Text(OneLine),
        OnLayer = Name(),
        OnFrame = Frame(),
    };

    private FrameName Frame() => new(random.Next(int.MinValue, int.MaxValue), Name());

    private ValueList<EnvironmentVariable> Environment() =>
        List(0, 4, i => new EnvironmentVariable($"NAME.{i}-:_", random.Next(5) == 0 ? "" : Text(AnyText)));

    private string Name() => "n" + string.Concat(Enumerable.Range(0, random.Next(2, 10)).Select(_ => Letters[random.Next(Letters.Length)]));

    /// <summary>A text that is not empty and has no blanks around it, which the reader would take away.</summary>
    private string Text(string characters) =>
        $"x{string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => characters[random.Next(characters.Length)]))}x";

    private ValueList<T> List<T>(int least, int most, Func<int, T> item) =>
        Enumerable.Range(0, random.Next(least, most + 1)).Select(item).ToValueList();

    private T? Maybe<T>(Func<T> value)
        where T : class => Coin() ? value() : null;

    private T? MaybeValue<T>(Func<T> value)
        where T : struct => Coin() ? value() : null;

    private bool Coin() => random.Next(2) == 0;
}
