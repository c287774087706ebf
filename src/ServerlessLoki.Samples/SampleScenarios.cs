namespace ServerlessLoki.Samples;

/// <summary>Scenarios for <c>loki plan</c>, <c>simulate</c> and <c>compare</c>, from the sample's measured profile and from generators.</summary>
public static class SampleScenarios
{
    /// <summary>Folder of the scenarios.</summary>
    public static string Directory { get; } = Path.Combine(AppContext.BaseDirectory, "Scenarios");
}
