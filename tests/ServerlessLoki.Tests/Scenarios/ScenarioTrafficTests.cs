using ServerlessLoki.Scenarios;
using ServerlessLoki.Simulation.Traffic;
using static ServerlessLoki.Tests.Scenarios.ScenarioTexts;

namespace ServerlessLoki.Tests.Scenarios;

/// <summary>Traffic of a scenario: generated, recorded, scaled.</summary>
public sealed class ScenarioTrafficTests
{
    [Fact]
    public void Read_RecordedTrace_InOrderWithItsBounds()
    {
        var scenario = ScenarioReader.Read(
            OneTraffic("""{"kind": "timestamps", "csv": "t.csv", "speed": 2}"""), "s.json", _ => "pipeline,at_s,latency_ms,min_accuracy\np,3,,\n# a comment\np,1,40,0.9\n");

        var stream = scenario.Trace().Arrivals.Open(1);
        Assert.True(stream.TryNext(out var first));
        Assert.True(stream.TryNext(out var second));
        Assert.Equal(new Arrival(500_000, 0, 40_000, 0.9), first);
        Assert.Equal(new Arrival(1_500_000), second);
    }

    [Theory]
    [InlineData("\"scale\": 2", 20, 40)]
    [InlineData("\"meanQps\": 30", 20, 40)]
    [InlineData("\"rangeQps\": [5, 50]", 5, 50)]
    public void Read_ScaledRates_KeepTheirShape(string scaling, double first, double second)
    {
        var scenario = ScenarioReader.Read(
            OneTraffic($$"""{"kind": "rates", "csv": "r.csv", "column": "rps", "stepSeconds": 1000, "squaredCv": 0, {{scaling}}}"""), "s.json", _ => "second,rps\n0,10\n1,20\n");

        var stream = scenario.Trace().Arrivals.Open(1);
        var counts = new int[2];
        while (stream.TryNext(out var arrival))
            counts[(int)(arrival.AtUs / 1_000_000_000)]++;
        Assert.Equal(first * 1000, counts[0], 1.0);
        Assert.Equal(second * 1000, counts[1], 1.0);
    }

    [Fact]
    public void Read_TrafficWithoutDemand_FirstPlanIsForItsFirstTenSeconds()
    {
        var scenario = ScenarioReader.Read(OneTraffic("""{"kind": "step", "steps": [{"qps": 20, "seconds": 10}, {"qps": 90, "seconds": 10}], "squaredCv": 0}"""), "s.json", _ => "");

        Assert.Equal(20, scenario.Problem.Pipelines[0].DemandQps, 0.2);
    }

    [Theory]
    [InlineData("""{"kind": "poissonn", "qps": 1, "seconds": 1}""", "$.traffic[0].parts[0].kind: unknown value; found \"poissonn\"")]
    [InlineData("""{"kind": "poisson", "qps": 1}""", "$.traffic[0].parts[0].seconds: the key is missing")]
    [InlineData("""{"kind": "poisson", "qps": 1, "seconds": 1, "pipeline": "q"}""", "$.traffic[0].parts[0].pipeline: unknown value")]
    [InlineData("""{"kind": "diurnal", "lowQps": 3, "highQps": 2, "periodSeconds": 1, "seconds": 1}""", "$.traffic[0].parts[0]: lowQps is above highQps")]
    [InlineData("""{"kind": "rates"}""", "$.traffic[0].parts[0]: no rates are given")]
    [InlineData("""{"kind": "rates", "qps": [1], "scale": 1, "meanQps": 1}""", "$.traffic[0].parts[0]: several ways to scale are given")]
    [InlineData("""{"kind": "rates", "qps": [1], "rangeQps": [2, 1]}""", "$.traffic[0].parts[0].rangeQps: not a range")]
    [InlineData("""{"kind": "rates", "csv": "t.csv"}""", "t.csv line 1: column qps is missing")]
    [InlineData("""{"kind": "timestamps", "csv": "t.csv"}""", "t.csv line 3: at_ms is not a number in range; found \"x\"; allowed: from 0 to")]
    public void Read_BadTraffic_SaysWhere(string part, string fault) =>
        Assert.Contains(Faults(OneTraffic(part), _ => "at_ms\n1\nx\n"), f => f.StartsWith(fault, StringComparison.Ordinal));

    [Fact]
    public void Read_RecordedTraceOfUnknownPipeline_SaysWhichLine() => Assert.Contains(
        Faults(OneTraffic("""{"kind": "timestamps", "csv": "t.csv"}"""), _ => "at_ms,pipeline\n1,p\n2,q\n"),
        f => f.StartsWith("t.csv line 3: unknown pipeline; found \"q\"; allowed: p", StringComparison.Ordinal));
}
