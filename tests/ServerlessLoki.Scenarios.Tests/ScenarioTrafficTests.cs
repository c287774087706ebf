using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;
using static ServerlessLoki.Scenarios.Tests.ScenarioTexts;

namespace ServerlessLoki.Scenarios.Tests;

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

    [Theory]
    // As Azure's language models are recorded; rows without order, a stretch of them, twice as fast.
    [InlineData("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:05.9799600,1,2\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:09.0,1,1\n", "TIMESTAMP", "", new long[] { 0, 2_000_000, 5_020_040 })]
    [InlineData("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:05.9799600,1,2\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:09.0,1,1\n", "TIMESTAMP", ", \"fromSeconds\": 1, \"seconds\": 3, \"speed\": 2", new long[] { 500_000 })]
    [InlineData("at,size\n2024-05-10 00:00:00.5+02:00,1\n2024-05-09T22:00:01Z,1\n", "at", "", new long[] { 0, 500_000 })]
    // As Azure Functions of 2021: seconds with a fraction; and nanoseconds since 1970.
    [InlineData("app,func,end_timestamp,duration\na,b,0.079,0.078\na,b,1.079,0.2\n", "end_timestamp", "", new long[] { 0, 1_000_000 })]
    [InlineData("t\n1700000000000000000\n1700000000000250000\n", "t", ", \"timeUnit\": \"ns\"", new long[] { 0, 250 })]
    public void Read_RequestLog_OneQueryARowFromItsFirst(string log, string column, string more, long[] expected)
    {
        var scenario = ScenarioReader.Read(OneTraffic($$"""{"kind": "timestamps", "csv": "l.csv", "timeColumn": "{{column}}"{{more}}}"""), "s.json", _ => log);

        var stream = scenario.Trace().Arrivals.Open(1);
        var times = new List<long>();
        while (stream.TryNext(out var arrival))
            times.Add(arrival.AtUs);
        Assert.Equal(expected, times);
    }

    [Fact]
    public void Read_CountsByTheMinute_RowsAreAddedUp()
    {
        var scenario = ScenarioReader.Read(
            OneTraffic("""{"kind": "rates", "csv": "f.csv", "counts": true, "squaredCv": 0}"""), "s.json", _ => "HashOwner,HashFunction,Trigger,1,2,3\na,f,http,60,0,600\nb,g,timer,60,120,0\n");

        var stream = scenario.Trace().Arrivals.Open(1);
        var counts = new int[3];
        while (stream.TryNext(out var arrival))
            counts[(int)(arrival.AtUs / 60_000_000)]++;
        Assert.Equal([120, 120, 600], counts, (x, y) => Math.Abs(x - y) <= 1);
    }

    [Fact]
    public void Read_TrafficWithoutDemand_FirstPlanIsForItsFirstTenSeconds()
    {
        var scenario = ScenarioReader.Read(OneTraffic("""{"kind": "step", "steps": [{"qps": 20, "seconds": 10}, {"qps": 90, "seconds": 10}], "squaredCv": 0}"""), "s.json", _ => "");

        Assert.Equal(20, scenario.Problem.Pipelines[0].DemandQps, 0.2);
    }

    [Fact]
    public void Read_Clients_AsTheyAreWritten()
    {
        const string Two = """
            {"kind": "clients", "count": 3, "seconds": 2.5, "thinkMs": 20, "think": "exponential", "retryMs": 1.5},
            {"kind": "clients", "phases": [{"count": 1, "seconds": 1}, {"count": 64, "seconds": 4}], "retryMs": "retryAfter"}
            """;
        var arrivals = ScenarioReader.Read(OneTraffic(Two), "s.json", _ => "").Trace().Arrivals;

        Assert.False(arrivals.Open(1).TryNext(out _));
        Assert.Equal(5_000_000, arrivals.DurationUs);
        var (first, second) = (arrivals.Clients[0], arrivals.Clients[1]);
        Assert.Equal((20_000L, true, 1_500L), (first.ThinkUs, first.ThinksRandomly, first.RetryUs));
        Assert.Equal([(3, TimeSpan.FromSeconds(2.5))], first.Phases);
        Assert.Equal((0L, false, null), (second.ThinkUs, second.ThinksRandomly, second.RetryUs));
        Assert.Equal([(1, TimeSpan.FromSeconds(1)), (64, TimeSpan.FromSeconds(4))], second.Phases);
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
    [InlineData("""{"kind": "rates", "csv": "t.csv", "counts": true, "qps": [1]}""", "$.traffic[0].parts[0].qps: qps has no meaning with counts")]
    [InlineData("""{"kind": "rates", "csv": "t.csv", "counts": true}""", "t.csv line 1: column 1 is missing")]
    [InlineData("""{"kind": "timestamps", "csv": "t.csv", "seconds": 1}""", "$.traffic[0].parts[0].seconds: seconds has no meaning without timeColumn")]
    [InlineData("""{"kind": "timestamps", "csv": "t.csv", "timeColumn": "when"}""", "t.csv line 1: column when is missing")]
    [InlineData("""{"kind": "timestamps", "csv": "t.csv", "timeColumn": "at_ms", "timeUnit": "h"}""", "$.traffic[0].parts[0].timeUnit: unknown value; found \"h\"")]
    [InlineData("""{"kind": "timestamps", "csv": "t.csv", "timeColumn": "at_ms"}""", "t.csv line 3: at_ms is no time; found \"x\"")]
    [InlineData("""{"kind": "clients"}""", "$.traffic[0].parts[0]: no clients are given")]
    [InlineData("""{"kind": "clients", "count": 2}""", "$.traffic[0].parts[0].seconds: the key is missing")]
    [InlineData("""{"kind": "clients", "count": 2, "seconds": 1, "phases": [{"count": 1, "seconds": 1}]}""", "$.traffic[0].parts[0]: both phases and count or seconds are given")]
    [InlineData("""{"kind": "clients", "phases": [{"count": -1, "seconds": 0}]}""", "$.traffic[0].parts[0].phases[0].count: not a whole number in range; found -1")]
    [InlineData("""{"kind": "clients", "phases": [{"count": -1, "seconds": 0}]}""", "$.traffic[0].parts[0].phases[0].seconds: the number is out of range; found 0")]
    [InlineData("""{"kind": "clients", "phases": []}""", "$.traffic[0].parts[0].phases: the array is empty")]
    [InlineData("""{"kind": "clients", "count": 1, "seconds": 1, "retryMs": "retryafter"}""", "$.traffic[0].parts[0].retryMs: unknown value; found \"retryafter\"")]
    [InlineData("""{"kind": "clients", "count": 1, "seconds": 1, "thinkMs": -1}""", "$.traffic[0].parts[0].thinkMs: the number is out of range")]
    [InlineData("""{"kind": "clients", "count": 1, "seconds": 1, "think": "normal"}""", "$.traffic[0].parts[0].think: unknown value")]
    [InlineData("""{"kind": "timestamps", "csv": "t.csv"}""", "t.csv line 3: at_ms is not a number in range; found \"x\"; allowed: from 0 to")]
    public void Read_BadTraffic_SaysWhere(string part, string fault) =>
        Assert.Contains(Faults(OneTraffic(part), _ => "at_ms\n1\nx\n"), f => f.StartsWith(fault, StringComparison.Ordinal));

    [Fact]
    public void Read_RecordedTraceOfUnknownPipeline_SaysWhichLine() => Assert.Contains(
        Faults(OneTraffic("""{"kind": "timestamps", "csv": "t.csv"}"""), _ => "at_ms,pipeline\n1,p\n2,q\n"),
        f => f.StartsWith("t.csv line 3: unknown pipeline; found \"q\"; allowed: p", StringComparison.Ordinal));
}
