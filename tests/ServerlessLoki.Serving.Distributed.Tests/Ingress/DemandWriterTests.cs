using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Ingress;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Distributed.Tests.Ingress;

public sealed class DemandWriterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_StoreAwayForSeconds_WritesThemLaterUnderTheirOwnSeconds()
    {
        var (writer, state, time, arrive) = Make(pipelines: 1);
        var begin = time.GetUtcNow();
        state.IsAway = true;
        for (var second = 1; second <= 3; second++)
        {
            arrive(0, second);
            time.Advance(TimeSpan.FromSeconds(1));
            writer.Fold();
            await Assert.ThrowsAsync<IOException>(() => writer.WriteAsync(Token));
        }

        state.IsAway = false;
        await writer.WriteAsync(Token);

        Assert.Equal([1, 2, 3], state.Samples.Select(s => s.Report.Pipelines[0].Arrivals));
        Assert.Equal([1, 2, 3], state.Samples.Select(s => (int)(s.Second - begin).TotalSeconds));
        await writer.WriteAsync(Token);
        Assert.Equal(3, state.Samples.Count);
    }

    [Theory]
    [InlineData(1, 30_000)]
    [InlineData(6, 4_000)]
    [InlineData(150, 100)]
    public async Task Write_MoreThanASampleHolds_ThinsTimesAndCountsAll(int pipelines, int arrivals)
    {
        var (writer, state, time, arrive) = Make(pipelines);
        for (var p = 0; p < pipelines; p++)
            arrive(p, arrivals);
        time.Advance(TimeSpan.FromSeconds(1));
        writer.Fold();
        await writer.WriteAsync(Token);
        var (_, report, length) = Assert.Single(state.Samples);
        Assert.InRange(length, 1, 32_000);
        Assert.All(report.Pipelines, p => Assert.Equal(arrivals, p.Arrivals));
        if (pipelines < 100)
            Assert.All(report.Pipelines, p => Assert.InRange(p.AtUs.Length, 1000 / pipelines, 4000 / pipelines + 1));
    }

    [Fact]
    public async Task Write_RefusedAgainAndAgain_TimesAgreeWithTheDemand()
    {
        var (writer, state, time, arrive, refuse) = MakeRefusing(pipelines: 2);
        arrive(0, 1000);
        refuse(0, 990);
        arrive(1, 20);
        time.Advance(TimeSpan.FromSeconds(1));
        writer.Fold();
        await writer.WriteAsync(Token);
        var report = Assert.Single(state.Samples).Report;
        // Ten were taken, three times as many are believed for them, and 32 for the second.
        Assert.Equal([72, 20], report.Pipelines.Select(p => p.Arrivals));
        Assert.Equal([72, 20], report.Pipelines.Select(p => (long)p.AtUs.Length));
    }

    private static (DemandWriter Writer, FlakyState State, FakeTimeProvider Time, Action<int, int> Arrive) Make(int pipelines)
    {
        var (writer, state, time, arrive, _) = MakeRefusing(pipelines);
        return (writer, state, time, arrive);
    }

    private static (DemandWriter Writer, FlakyState State, FakeTimeProvider Time, Action<int, int> Arrive, Action<int, int> Refuse) MakeRefusing(int pipelines)
    {
        ImmutableArray<Pipeline> graphs = [.. Enumerable.Range(0, pipelines).Select(i => PipelineReader.Read(TestEngine.Traffic.Replace("\"name\": \"p\"", $"\"name\": \"p{i}\"", StringComparison.Ordinal), "test"))];
        var (time, state) = (new FakeTimeProvider(), new FlakyState());
        var clock = new ServingClock(time);
        var (metrics, monitor) = (new ServingMetrics(graphs), new IngressMonitor(graphs, clock));
        monitor.Keep(TimeSpan.FromSeconds(10));
        return (new DemandWriter("i", new PipelineIndex(graphs), metrics, monitor, clock, state, _ => 0), state, time, (pipeline, count) =>
        {
            for (var i = 0; i < count; i++)
            {
                metrics.Pipelines[pipeline].Arrived();
                monitor.Arrived(new Arrival(clock.NowUs + 900_000 + pipeline, pipeline));
            }
        }, (pipeline, count) =>
        {
            for (var i = 0; i < count; i++)
                metrics.Pipelines[pipeline].Refused();
        });
    }

    /// <summary>Samples in memory, of a store that may be away.</summary>
    private sealed class FlakyState : MemoryState
    {
        public bool IsAway { get; set; }

        public List<(DateTimeOffset Second, DemandReport Report, int Length)> Samples { get; } = [];

        public override ValueTask AddSampleAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken)
        {
            if (IsAway)
                throw new IOException("The store is away.");
            Samples.Add((second, StateJson.Read<DemandReport>(json)!, json.Length));
            return ValueTask.CompletedTask;
        }
    }
}
