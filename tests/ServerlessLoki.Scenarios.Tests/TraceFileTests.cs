using System.Text;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Scenarios.Tests;

/// <summary>Traffic in files that others wrote.</summary>
public sealed class TraceFileTests
{
    /// <summary>A log, and the seconds at which its queries arrive.</summary>
    public static TheoryData<string, double[]> Logs() => new()
    {
        { "TIMESTAMP,Tokens\n2023-11-16 18:17:03.5,1\n2023-11-16 18:17:05,2\n", [0, 1.5] },
        // Quoted cells, one of them with a comma, a line end and a quote in it.
        { "\"time\",text\n\"2023-11-16 18:17:03\",\"a, \"\"b\"\"\nc\"\n\"2023-11-16 18:17:04\",d\n", [0, 1] },
        // Milliseconds, microseconds and nanoseconds since 1970 are told from seconds by their size.
        { "timestamp\n1700158623\n1700158625\n", [0, 2] },
        { "timestamp\n1700158623000\n1700158623500\n", [0, 0.5] },
        { "timestamp\n1700158623000000\n1700158623250000\n", [0, 0.25] },
        { "timestamp\n1700158623000000000\n1700158624000000000\n", [0, 1] },
        { "end_timestamp\n0.5\n2.5\n", [0, 2] },
        // A clock goes on after midnight; one row out of order is no day.
        { "time\n23:59:58\n23:59:59.5\n00:00:01\n23:59:59\n00:00:02\n", [0, 1, 1.5, 3, 4] },
        { "time\n18:17\n18:18\n", [0, 60] },
    };

    [Theory]
    [MemberData(nameof(Logs))]
    public void Read_RequestLog_GivesItsTimes(string csv, double[] seconds) => Assert.Equal(seconds, Seconds(csv));

    [Fact]
    public void Read_Counts_AddsUpTheRowsOfEachMinute()
    {
        var csv = new StringBuilder("HashOwner,Trigger,1,2,3\n\"a,b\",http,60,0,6\nc,timer,0,0,6\n");

        var counts = Seconds(csv.ToString()).GroupBy(s => (int)(s / 60)).ToDictionary(g => g.Key, g => g.Count());

        Assert.InRange(counts[0], 30, 95);
        Assert.False(counts.ContainsKey(1));
        Assert.InRange(counts[2], 2, 30);
    }

    [Theory]
    [InlineData("HashOwner,1,2,4\na,1,1,1\n", "log.csv: the columns of counts have a gap or stand twice; found after column 2 comes column 4; allowed: columns 1, 2, 3, … without a gap")]
    [InlineData("HashOwner,1,1\na,1,1\n", "after column 1 comes column 1")]
    [InlineData("time\n2023-11-16 18:17:03\nyesterday\n", "log.csv line 3: time is no time; found \"yesterday\"; allowed: a date and time such as")]
    [InlineData("time\n12:00:00\n2023-11-16 18:17:03\n", "allowed: a time of day, as in the first row")]
    [InlineData("time\n5\nx\n", "allowed: a number, as in the first row")]
    [InlineData("time,n\n5\n", "log.csv line 2: wrong number of columns; found 1; allowed: 2")]
    [InlineData("time\n", "there are no rows below the header")]
    [InlineData("", "log.csv line 1: there is no header")]
    public void Read_Fault_IsSaidOnceWithItsPlace(string csv, string expected)
    {
        var refused = Refused(csv);

        // No fault of the stretch beside that of the cells.
        var fault = Assert.Single(refused.Faults).ToString();
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FaultInEveryRow_ListsAHundredAndCountsTheRest()
    {
        var refused = Refused("time\n1\n" + string.Concat(Enumerable.Repeat("x\n", 5000)));

        Assert.Equal(101, refused.Faults.Length);
        Assert.Equal("…: 4900 further faults are not listed", refused.Faults[^1].ToString());
    }

    [Fact]
    public void Read_LogOfManyMegabytes_HoldsItsTimesOnly()
    {
        // 32 million characters, of which a thousand times are kept.
        using var log = new LongLog(rows: 1000, width: 32_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var trace = TraceFile.Read(log, "log.csv", ["p"]);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
        var (stream, count) = (trace.Arrivals.Open(1), 0);
        while (stream.TryNext(out _))
            count++;
        Assert.Equal(1000, count);
    }

    private static double[] Seconds(string csv)
    {
        var stream = TraceFile.Read(new StringReader(csv), "log.csv", ["p"]).Arrivals.Open(1);
        var seconds = new List<double>();
        while (stream.TryNext(out Arrival arrival))
            seconds.Add(arrival.AtUs / 1e6);
        return [.. seconds];
    }

    private static ScenarioFormatException Refused(string csv) => Assert.Throws<ScenarioFormatException>(() => TraceFile.Read(new StringReader(csv), "log.csv", ["p"]));

    /// <summary>A log that is made while it is read: a time and a long text in each row.</summary>
    private sealed class LongLog(int rows, int width) : TextReader
    {
        private readonly char[] _row = [.. "time,", .. new string('x', width), '\n'];
        private int _at;
        private int _next;

        public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

        public override int Read(Span<char> buffer)
        {
            if (_at == _row.Length)
            {
                if (_next == rows)
                    return 0;
                // Four digits in place of the header's name.
                (1000 + _next++).TryFormat(_row, out _, provider: System.Globalization.CultureInfo.InvariantCulture);
                _at = 0;
            }

            var length = Math.Min(buffer.Length, _row.Length - _at);
            _row.AsSpan(_at, length).CopyTo(buffer);
            _at += length;
            return length;
        }
    }
}
