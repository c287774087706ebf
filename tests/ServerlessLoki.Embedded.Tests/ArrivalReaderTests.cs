using System.IO.Pipelines;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>When a request's first byte came, whatever its bytes are read in.</summary>
public sealed class ArrivalReaderTests
{
    private readonly Pipe _pipe = new();
    private readonly Clock _clock = new();
    private readonly ArrivalReader _reader;
    private TimeSpan _waited;

    public ArrivalReaderTests() => _reader = new ArrivalReader(_pipe.Reader, _clock, () => _waited);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_HeadersInParts_TheFirstByteCounts()
    {
        await WriteAsync(10, 20);
        var first = await _reader.ReadAsync(Token);
        _reader.AdvanceTo(first.Buffer.Start, first.Buffer.End);
        await WriteAsync(50, 20);
        await _reader.ReadAsync(Token);
        Assert.Equal(10, _reader.Timestamp);
    }

    [Fact]
    public async Task Read_NextRequest_HasATimeOfItsOwn()
    {
        await WriteAsync(10, 20);
        var first = await _reader.ReadAsync(Token);
        _reader.AdvanceTo(first.Buffer.End);
        var reading = _reader.ReadAsync(Token);
        await WriteAsync(70, 20);
        await reading;
        Assert.Equal(70, _reader.Timestamp);
    }

    [Fact]
    public async Task Read_PipelinedRequest_CameWithTheOneBefore()
    {
        await WriteAsync(10, 40);
        var first = await _reader.ReadAsync(Token);
        _reader.AdvanceTo(first.Buffer.GetPosition(20));
        _clock.Now = 90;
        Assert.True(_reader.TryRead(out var second));
        Assert.Equal((20, 10), (second.Buffer.Length, _reader.Timestamp));
    }

    [Fact]
    public async Task Read_BytesWaitedInTheSocket_AreDatedBack()
    {
        _waited = TimeSpan.FromSeconds(30);
        await WriteAsync(100, 20);
        await _reader.ReadAsync(Token);
        Assert.Equal(70, _reader.Timestamp);
    }

    private async Task WriteAsync(long at, int bytes)
    {
        _clock.Now = at;
        await _pipe.Writer.WriteAsync(new byte[bytes], Token);
    }

    /// <summary>One tick a second.</summary>
    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Now;
    }
}
