using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.Profiles;

public sealed class ProfileCsvTests
{
    [Fact]
    public void Write_ThenRead_GivesTheSameRows()
    {
        var profile = new LatencyProfile([new("v", "cpu", 1, 1.0 / 3, 1.25, 2, 3), new("v", "cpu", 8, 6, 7, 8, 9)]);

        Assert.Equal(profile.Rows, ProfileCsv.Read(ProfileCsv.Write(profile), "x").Rows);
    }

    [Fact]
    public void Read_ColumnsInAnyOrderCommentsAndCarriageReturns_Fine()
    {
        var profile = ProfileCsv.Read("# measured\r\nbatch,variant,device,p99_ms,p95_ms,p90_ms,p50_ms\r\n\r\n2,v,cpu,4,3,2,1\r\n", "x");

        Assert.Equal([new ProfileRow("v", "cpu", 2, 1, 2, 3, 4)], profile.Rows);
    }

    [Fact]
    public void Read_ManyFaults_AllListedByLine()
    {
        const string Csv = "variant,device,batch,p50_ms,p90_ms,p95_ms,p99_ms\nv,cpu,1,1,1,1,1\nv,cpu,1,2,2,2,2\n,cpu,0,1,x,1,-1\nv,cpu,2\n";

        var refused = Assert.Throws<ProfileFormatException>(() => ProfileCsv.Read(Csv, "p.csv"));

        Assert.Equal(
            [
                "line 3: v on cpu at batch 1 stands already on line 2",
                "line 4: variant is empty",
                "line 4: batch is not a batch size; found \"0\"; allowed: a whole number of at least 1",
                "line 4: p90_ms is not a time; found \"x\"; allowed: milliseconds above 0 and at most 3600000",
                "line 4: p99_ms is not a time; found \"-1\"; allowed: milliseconds above 0 and at most 3600000",
                "line 5: wrong number of columns; found 3; allowed: 7",
            ],
            refused.Faults.Select(f => f.ToString()));
    }

    [Theory]
    [InlineData("1e300,1e300,1e300,1e300", "line 2: p50_ms is not a time; found \"1e300\"; allowed: milliseconds above 0 and at most 3600000")]
    [InlineData("2,1,3,4", "line 2: p90_ms is below p50_ms; found \"1\"; allowed: at least 2")]
    [InlineData("1,2,4,3", "line 2: p99_ms is below p95_ms; found \"3\"; allowed: at least 4")]
    public void Read_TimesThatCannotBe_AreRefused(string times, string fault) => Assert.Contains(
        fault,
        Assert.Throws<ProfileFormatException>(() => ProfileCsv.Read($"variant,device,batch,p50_ms,p90_ms,p95_ms,p99_ms\nv,cpu,1,{times}\n", "p.csv")).Faults.Select(f => f.ToString()));

    [Theory]
    [InlineData("")]
    [InlineData("variant,device,batch,p50_ms,p90_ms,p95_ms,p99_ms\n")]
    [InlineData("variant,device,batch,p50,p90_ms,p95_ms,p99_ms\nv,cpu,1,1,1,1,1")]
    public void Read_NoRowsOrWrongHeader_Refused(string csv) => Assert.Throws<ProfileFormatException>(() => ProfileCsv.Read(csv, "x"));

    [Fact]
    public void Scale_FactorPerVariantAndDevice_ChangesThoseOnly()
    {
        var profile = new LatencyProfile([new("a", "cpu", 1, 1, 1, 1, 1), new("b", "cpu", 1, 1, 1, 1, 1)]);

        var scaled = profile.Scale((v, _) => v == "a" ? 2 : 1);

        Assert.Equal(2000, scaled.Find("a", "cpu")!.LatencyUs(1));
        Assert.Equal(1000, scaled.Find("b", "cpu")!.LatencyUs(1));
        Assert.Throws<ArgumentException>(() => profile.Scale((_, _) => 0));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 25)]
    [InlineData(4, 30)]
    [InlineData(8, 50)]
    public void LatencyUs_BetweenAndBeyondProfiledSizes_FollowsTheSlope(int batch, double expectedUs) =>
        Assert.Equal(expectedUs, new BatchLatency([1, 2, 4], [10, 20, 30]).LatencyUs(batch), 1e-9);

    [Fact]
    public void LatencyUs_NoisyProfile_NeverFallsWithTheBatch() =>
        Assert.Equal([10, 30, 30], new[] { 1, 2, 4 }.Select(new BatchLatency([1, 2, 4], [10, 30, 20]).LatencyUs));
}
