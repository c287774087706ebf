using System.Text.Json;
using ServerlessLoki.Samples;

namespace ServerlessLoki.Cli.Tests.Commands;

/// <summary>What the policies make of scenarios that ship.</summary>
public sealed class SampleComparisonTests
{
    [Fact]
    public async Task Compare_FanOutThatVaries_UnifiedMissesNoMoreThanAnyOther()
    {
        var attainment = await AttainmentAsync("fan-out.json", seeds: 3);

        Assert.Equal(6, attainment.Count);
        Assert.All(attainment, a => Assert.True(a.Value <= attainment["unified"], $"{a.Key} {a.Value}, unified {attainment["unified"]}"));
        Assert.Equal(0.9993, attainment["unified"], 0.002);
    }

    [Fact]
    public async Task Compare_Overload_UnifiedSeesThatItsQueuesDoNotDrain()
    {
        var attainment = await AttainmentAsync("overload.json", seeds: 1, "--policies", "unified,proteus");

        // Slots of the same plan with a slower classifier carry 93 %.
        Assert.InRange(attainment["unified"], attainment["proteus"] - 0.01, 1);
    }

    private static async Task<Dictionary<string, double>> AttainmentAsync(string file, int seeds, params string[] options)
    {
        var (code, document, error) = await Cli.JsonAsync(["compare", "--scenario", Path.Combine(SampleScenarios.Directory, file), "--seeds", $"{seeds}", .. options]);
        Assert.True(code == 0, error);
        return document.GetProperty("policies").EnumerateArray().ToDictionary(p => p.GetProperty("label").GetString()!, Attainment, StringComparer.Ordinal);
    }

    private static double Attainment(JsonElement policy) => policy.GetProperty("metrics").GetProperty("attainment").GetProperty("mean").GetDouble();
}
