using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <remarks>Host and worker are one process here: a web application with the triggers' listeners beside it.</remarks>
public class FunctionsApplicationBuilder : IHostApplicationBuilder
{
    private readonly WebApplicationBuilder _builder;
    private readonly Assembly _app;

    internal FunctionsApplicationBuilder(string[] args, Assembly app)
    {
        _app = app;
        _builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        HostFiles.Add(_builder.Configuration, AppContext.BaseDirectory, args);
    }

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_builder).Properties;

    public ConfigurationManager Configuration => _builder.Configuration;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    public IHostEnvironment Environment => _builder.Environment;

    public ILoggingBuilder Logging => _builder.Logging;

    public IMetricsBuilder Metrics => _builder.Metrics;

    public IServiceCollection Services => _builder.Services;

    public void ConfigureContainer<TContainerBuilder>(IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => ((IHostApplicationBuilder)_builder).ConfigureContainer(factory, configure);

    public IHost Build()
    {
        var settings = new AppSettings(Configuration);
        var functions = FunctionMethod.Of(_app, settings);
        Services.AddSingleton(settings);
        Services.AddSingleton<FunctionInvoker>();
        List<TriggerExtension> extensions = [];
        foreach (var group in functions.GroupBy(f => f.Trigger.GetType().Assembly))
        {
            var extension = TriggerExtension.Of(group.First().Trigger.GetType());
            extension.Configure(Services, [.. group]);
            extensions.Add(extension);
        }

        var app = _builder.Build();
        foreach (var extension in extensions)
            extension.Map(app);
        return app;
    }
}
