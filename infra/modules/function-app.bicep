// The Function app on Flex Consumption: HTTP, durable runs and the planner.
import { fleetEntry, tagMap } from 'types.bicep'

@description('Region.')
param location string

@description('Tags.')
param tags tagMap

@description('Name of the app.')
@maxLength(60)
param name string

@description('Name of the plan.')
param planName string

@description('Identity of the app.')
param identityName string

@description('Name of the storage account.')
param storageName string

@description('Container of the app\'s package.')
param packageContainer string

@description('Container of models, pipeline files and profiles.')
param modelsContainer string

@description('Container of payloads.')
param payloadContainer string

@description('Name of the Service Bus namespace.')
param serviceBusName string

@description('Name of the Durable Task scheduler.')
param schedulerName string

@description('Name of the Application Insights component.')
param componentName string

@description('Planning policy.')
param policy string

@description('The kinds of worker that the planner may scale.')
param fleet fleetEntry[]

@description('Instances that always stand by for HTTP.')
param httpAlwaysReady int

@description('Instances that always stand by for Durable orchestrations.')
param durableAlwaysReady int

@description('Subnet of a private network; empty for none.')
param subnetId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: storageName
}

resource serviceBus 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: serviceBusName
}

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' existing = {
  name: schedulerName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

var settings = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
  APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
  AZURE_CLIENT_ID: identity.properties.clientId
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__clientId: identity.properties.clientId
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
  DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler.properties.endpoint};Authentication=ManagedIdentity;ClientID=${identity.properties.clientId}'
  Loki__BlobServiceUri: storage.properties.primaryEndpoints.blob
  Loki__ModelsContainer: modelsContainer
  Loki__PayloadContainer: payloadContainer
  Loki__Policy: policy
  Loki__TableServiceUri: storage.properties.primaryEndpoints.table
  ServiceBus__clientId: identity.properties.clientId
  ServiceBus__credential: 'managedidentity'
  ServiceBus__fullyQualifiedNamespace: replace(
    replace(serviceBus.properties.serviceBusEndpoint, 'https://', ''),
    ':443/',
    ''
  )
}

var fleetSettings = flatten(map(range(0, length(fleet)), i => [
  { name: 'Loki__Fleet__${i}__Device', value: fleet[i].device }
  { name: 'Loki__Fleet__${i}__AppId', value: fleet[i].appId }
  { name: 'Loki__Fleet__${i}__MinReplicas', value: string(fleet[i].minReplicas) }
  { name: 'Loki__Fleet__${i}__MaxReplicas', value: string(fleet[i].maxReplicas) }
  { name: 'Loki__Fleet__${i}__SlotsPerReplica', value: string(fleet[i].slotsPerReplica) }
  { name: 'Loki__Fleet__${i}__SlotShare', value: fleet[i].slotShare }
  { name: 'Loki__Fleet__${i}__PricePerHour', value: fleet[i].pricePerHour }
]))

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: 100
        alwaysReady: concat(
          httpAlwaysReady > 0 ? [{ name: 'http', instanceCount: httpAlwaysReady }] : [],
          durableAlwaysReady > 0 ? [{ name: 'durable', instanceCount: durableAlwaysReady }] : []
        )
        triggers: {
          http: {
            // A query waits for the workers and costs the instance next to nothing meanwhile.
            perInstanceConcurrency: 100
          }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      http20Enabled: true
      appSettings: concat(map(items(settings), setting => { name: setting.key, value: setting.value }), fleetSettings)
    }
  }

  // Deployment goes by Entra ID as well: no user name and word that publish.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

@description('Name of the app.')
output name string = app.name

@description('Address of the app.')
output url string = 'https://${app.properties.defaultHostName}'
