using ServerlessLoki.Samples.OwnApp;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddServerlessLoki(options =>
{
    options.AddPolicy(LeaveRoomPolicy.Entry);
    options.AddForecaster(SurgeForecaster.Entry);
}).BindConfiguration("Loki");
var app = builder.Build();
app.MapGet("/", () => "Pipelines are at /loki/.");
app.MapServerlessLoki("/loki");
app.Run();
