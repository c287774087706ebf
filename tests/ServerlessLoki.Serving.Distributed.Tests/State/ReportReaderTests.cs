using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Tests.State;

public sealed class ReportReaderTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private readonly ReportReader<WorkerReport> _reader = new();

    [Fact]
    public void Read_SampleThatWasThereBefore_IsNotParsedAgain()
    {
        var first = _reader.Read([Sample("a", 2, 1), Sample("a", 1, 2)]);

        var second = _reader.Read([Sample("a", 1, 2), Sample("a", 0, 3)]);

        Assert.Same(first[1].Report, second[0].Report);
        Assert.Equal([2.0, 3.0], second.Select(r => r.Report.LoadUs));
        Assert.Equal([Now.AddSeconds(-1), Now], second.Select(r => r.Second));
    }

    [Fact]
    public void Read_SampleWrittenAgain_IsWhatItIsNow()
    {
        _reader.Read([Sample("a", 1, 1), Sample("b", 1, 1)]);

        Assert.Equal([5.0, 1.0], _reader.Read([Sample("a", 1, 5), Sample("b", 1, 1)]).Select(r => r.Report.LoadUs));
    }

    [Fact]
    public void Read_NoReport_IsLeftOutEveryTime()
    {
        StoredSample[] samples = [new("a", Now, "{"), Sample("b", 0, 1)];

        Assert.Equal("b", Assert.Single(_reader.Read(samples)).Report.Worker);
        Assert.Equal("b", Assert.Single(_reader.Read(samples)).Report.Worker);
    }

    private static StoredSample Sample(string worker, int ago, double loadUs) =>
        new(worker, Now.AddSeconds(-ago), new WorkerReport { Worker = worker, Device = "cpu", Slots = 1, LoadUs = loadUs }.ToJson());
}
