using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning;

/// <summary>Pipeline with its demand and fan-out.</summary>
/// <param name="Pipeline">Pipeline that the demand is for.</param>
/// <param name="DemandQps">Forecast root queries per second, rejected ones included; at least 0.</param>
/// <param name="FanOut">Child queries per query, by edge and parent variant.</param>
public sealed record PipelineDemand(Pipeline Pipeline, double DemandQps, FanOut FanOut);
