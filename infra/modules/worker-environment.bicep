// Where the workers run: consumption CPU always, GPU profiles for the kinds of worker that are wanted.
import { deviceKind, tagMap } from 'types.bicep'

@description('Region.')
param location string

@description('Tags.')
param tags tagMap

@description('Name of the environment.')
param name string

@description('Name of the log workspace.')
param workspaceName string

@description('Kinds of workers.')
param fleet deviceKind[]

@description('Subnet of a private network; empty for none.')
param subnetId string

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: workspaceName
}

var gpuProfiles = map(filter(fleet, kind => kind.workloadProfile != 'Consumption'), kind => {
  name: kind.workloadProfile
  workloadProfileType: kind.workloadProfileType
})

resource workerEnvironment 'Microsoft.App/managedEnvironments@2026-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    // By way of a diagnostic setting, because the direct way needs the workspace's key.
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    workloadProfiles: concat([{ name: 'Consumption', workloadProfileType: 'Consumption' }], gpuProfiles)
    vnetConfiguration: empty(subnetId) ? null : { infrastructureSubnetId: subnetId, internal: true }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: workerEnvironment
  properties: {
    workspaceId: workspace.id
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

@description('Resource id of the environment.')
output id string = workerEnvironment.id

@description('Name of the environment.')
output name string = workerEnvironment.name
