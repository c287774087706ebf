using ServerlessLoki.Routing;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Routing;

public class PipelineAccuracyTests
{
    [Fact]
    public void Best_TwoBranches_IsTheWorst()
    {
        // 0.8904 × 0.9631 = 0.8575 and 0.8904 × 0.8976 = 0.7992: their mean, 0.8284, is what no plan reaches on both.
        var pipeline = TestPipelines.Read(
            """
            {"name":"p","sloMs":100,"input":{"name":"x","datatype":"FP32","shape":[-1]},
             "tasks":[{"name":"find","variants":[{"name":"f","model":"m","accuracy":0.8904},{"name":"f2","model":"m","accuracy":0.5}]},
                      {"name":"car","variants":[{"name":"c","model":"m","accuracy":0.9631}]},
                      {"name":"face","variants":[{"name":"g2","model":"m","accuracy":0.1},{"name":"g","model":"m","accuracy":0.8976}]}],
             "edges":[{"from":"find","to":"car"},{"from":"find","to":"face"}]}
            """);
        Assert.Equal(0.8904 * 0.8976, PipelineAccuracy.Best(pipeline), 12);
        Assert.Equal([0.8976, 1, 1], PipelineAccuracy.BestBelow(pipeline));
    }
}
